// `/coverage`: what deployed rules cover of ATT&CK, as far as it is proved; and the same, or what written
// rules name, as a layer for MITRE's Navigator.

import { z } from 'zod'
import { RuleListQuery } from '#domain/rules/input.ts'
import { CoverageQuery } from '#domain/health/input.ts'
import { CoverageShape, coverageOf } from './coverage-shapes.ts'
import { operation } from './operation.ts'
import { named } from './shapes.ts'

/** Loaded by the first request and not by the start. */
const written = () => import('#domain/rules/coverage.ts')
const covering = () => import('#domain/health/covering.ts')

const { sort: _, ...FILTERS } = RuleListQuery.shape

const LayerShape = z
  .strictObject({
    name: z.string(),
    versions: z.strictObject({ attack: z.string(), navigator: z.string(), layer: z.string() }),
    domain: z.string(),
    description: z.string(),
    sorting: z.int(),
    hideDisabled: z.boolean(),
    techniques: z.array(
      z.strictObject({
        techniqueID: z.string(),
        score: z.int(),
        enabled: z.boolean(),
        comment: z.string().optional(),
      }),
    ),
    gradient: z.strictObject({
      colors: z.array(z.string()),
      minValue: z.int(),
      maxValue: z.int(),
    }),
    showTacticRowBackground: z.boolean(),
    selectTechniquesAcrossTactics: z.boolean(),
    selectSubtechniquesWithParent: z.boolean(),
  })
  .register(named, { id: 'NavigatorLayer' })

export const getCoverage = operation({
  method: 'GET',
  path: '/coverage',
  name: 'getCoverage',
  summary: 'Techniques of ATT&CK that deployed rules cover, as far as it is proved',
  about:
    'As it was judged at the last looks at targets. `covered` only by a rule that is live, healthy, tested, not silenced and whose data comes in; `lost` was covered and is known not to be. Techniques that no rule which stands anywhere names are counted (`none`) and not listed. `days` is of the whole workspace; its numbers are null for a day without a look.',
  permission: 'health.read',
  query: CoverageQuery,
  answer: CoverageShape,
  async run({ house, caller, query }) {
    const { inOrder, readCoverage, readTrend } = await covering()
    const coverage = await readCoverage(house, caller, query)
    return coverageOf(coverage, inOrder(coverage.cells.values()), await readTrend(house, caller))
  },
})

export const getWrittenLayer = operation({
  method: 'GET',
  path: '/coverage/navigator',
  name: 'getWrittenLayer',
  summary: 'Coverage, or techniques that written rules name, as a layer of the ATT&CK Navigator',
  about:
    'Without `of` narrowed as the list of rules is: the score of a technique is how many rules name it in a tag, which tells what is written, not what is deployed or proved to fire. With `of=covered` narrowed by target, group and product as `/coverage` is: 100 covered, 40 unproven, 20 unknown, 0 lost. Revoked techniques count for what took their place.',
  permission: 'rule.read',
  query: z.strictObject({
    ...FILTERS,
    of: z.enum(['written', 'covered']).default('written'),
    target: CoverageQuery.shape.target,
  }),
  answer: LayerShape,
  async run({ house, caller, query: { of, target, ...filter } }) {
    const { techniques, gradient, ...layer } =
      of === 'written'
        ? await (await written()).writtenLayer(house, caller, filter)
        : await (await covering()).coverageLayer(house, caller, { ...filter, target })
    return {
      ...layer,
      techniques: techniques.map((one) => ({ ...one })),
      gradient: { ...gradient, colors: [...gradient.colors] },
    }
  },
})
