// How rules and their versions look in JSON.

import { z } from 'zod'
import { KINDS } from '#domain/rules/renders/kinds.ts'
import type { StoredRender } from '#domain/rules/renders/render.ts'
import { LEVELS, STATUSES } from '#domain/rules/product-key.ts'
import { revisionOf, RULE_FORMATS, RULE_ORIGINS, RULE_STATES } from '#domain/rules/rule.ts'
import type { RuleSummary, RuleVersion } from '#domain/rules/rule.ts'
import { VERDICTS } from '#domain/rules/testing/test-run.ts'
import { formatInstant } from '#kernel/time.ts'
import { ProblemShape, problemShape } from './rules.ts'
import { InstantText, named, pageShape, RuleIdText } from './shapes.ts'

const rule = {
  id: RuleIdText,
  title: z.string(),
  kind: z.enum(['rule', 'correlation', 'filter']),
  format: z.enum(RULE_FORMATS),
  state: z.enum(RULE_STATES),
  origin: z.enum(RULE_ORIGINS),
  sigmaId: z.string().nullable(),
  name: z.string().nullable(),
  level: z.enum(LEVELS).nullable(),
  status: z.enum(STATUSES).nullable(),
  owner: z.string().nullable(),
  group: z.string().nullable(),
  logsource: z
    .strictObject({
      product: z.string().optional(),
      category: z.string().optional(),
      service: z.string().optional(),
    })
    .nullable(),
  tags: z.array(z.string()),
  version: z.int(),
  revision: z.string(),
  contentHash: z.string(),
  problems: z.strictObject({
    errors: z.int(),
    warnings: z.int(),
    first: z.string().nullable(),
  }),
  tests: z.strictObject({
    positive: z.int(),
    negative: z.int(),
    verdict: z.enum(VERDICTS).nullable(),
  }),
  createdAt: InstantText,
  createdBy: z.string(),
  updatedAt: InstantText,
  updatedBy: z.string(),
}

export const RuleShape = z.strictObject(rule).register(named, { id: 'Rule' })
export const RuleWithTextShape = z
  .strictObject({ ...rule, text: z.string() })
  .register(named, { id: 'RuleWithText' })
export const RulePageShape = pageShape(RuleShape)
  .extend({ count: z.int() })
  .register(named, { id: 'RulePage' })

const version = {
  number: z.int(),
  contentHash: z.string(),
  reason: z.string(),
  restoredFrom: z.int().nullable(),
  createdAt: InstantText,
  createdBy: z.string(),
}
export const VersionShape = z.strictObject(version).register(named, { id: 'RuleVersion' })
export const VersionPageShape = pageShape(VersionShape).register(named, { id: 'RuleVersionPage' })
export const VersionWithTextShape = z
  .strictObject({ ...version, text: z.string() })
  .register(named, { id: 'RuleVersionWithText' })

const RuleBodyShape = z
  .strictObject({
    /** Name of the target it is for; null for any of its kind. */
    overlay: z.string().nullable(),
    body: z.record(z.string(), z.unknown()).nullable(),
    bodyHash: z.string().nullable(),
    problems: z.array(ProblemShape),
  })
  .register(named, { id: 'RuleBody' })

const Render = z.strictObject({
  kind: z.enum(KINDS),
  /** Name of the target with a mapping of its own that it is for; null for any other of its kind. */
  target: z.string().nullable(),
  state: z.enum(['ok', 'refused']),
  queries: z.array(z.string()),
  problems: z.array(ProblemShape),
  isPending: z.boolean(),
  inputHash: z.string(),
  version: z.int(),
  renderedAt: InstantText,
  bodies: z.array(RuleBodyShape),
})
export const RendersShape = z
  .strictObject({ renders: z.array(Render) })
  .register(named, { id: 'RuleRenders' })

export function rendersShape(renders: readonly StoredRender[]): z.input<typeof RendersShape> {
  return {
    renders: renders.map(({ queries, problems, renderedAt, bodies, ...rest }) => ({
      ...rest,
      bodies: bodies.map(({ kind: _, body, ...told }) => ({
        ...told,
        body: body === null ? null : { ...body },
        problems: told.problems.map(problemShape),
      })),
      queries: [...queries],
      problems: problems.map(problemShape),
      renderedAt: formatInstant(renderedAt),
    })),
  }
}

export function ruleShape(one: RuleSummary): z.input<typeof RuleShape> {
  const { errorCount, warningCount, firstError, ...tested } = one
  const { positiveTests, negativeTests, testVerdict, ...rest } = tested
  return {
    ...rest,
    tags: [...rest.tags],
    revision: revisionOf(one),
    problems: { errors: errorCount, warnings: warningCount, first: firstError },
    tests: { positive: positiveTests, negative: negativeTests, verdict: testVerdict },
    createdAt: formatInstant(rest.createdAt),
    updatedAt: formatInstant(rest.updatedAt),
  }
}

export function versionShape(one: RuleVersion): z.input<typeof VersionShape> {
  const { number, contentHash, reason, restoredFrom, createdAt, createdBy } = one
  return {
    number,
    contentHash,
    reason,
    restoredFrom,
    createdAt: formatInstant(createdAt),
    createdBy,
  }
}
