// `/coverage/navigator`: which techniques of ATT&CK the rules name, for MITRE's Navigator.

import { z } from 'zod'
import { RuleListQuery } from '#domain/rules/input.ts'
import { operation } from './operation.ts'
import { named } from './shapes.ts'

/** Loaded by the first request and not by the start. */
const coverage = () => import('#domain/rules/coverage.ts')

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

export const getWrittenLayer = operation({
  method: 'GET',
  path: '/coverage/navigator',
  name: 'getWrittenLayer',
  summary: 'Techniques that written rules name, as a layer of the ATT&CK Navigator',
  about:
    'Narrowed as the list of rules is. The score of a technique is how many rules name it in a tag: it tells what is written, not what is deployed or proved to fire. Revoked techniques count for what took their place.',
  permission: 'rule.read',
  query: z.strictObject(FILTERS),
  answer: LayerShape,
  async run({ house, caller, query }) {
    const { techniques, gradient, ...layer } = await (
      await coverage()
    ).writtenLayer(house, caller, query)
    return {
      ...layer,
      techniques: techniques.map((one) => ({ ...one })),
      gradient: { ...gradient, colors: [...gradient.colors] },
    }
  },
})
