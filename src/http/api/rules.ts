// Questions without memory: rules come in, what can be said about them goes out.

import { z } from 'zod'
import { RulesToConvert, RulesToLint, RulesToMatch } from '#domain/rules/input.ts'
import type { Problem } from '#kernel/problem.ts'
import { operation } from './operation.ts'
import { accepted, InstantText, named } from './shapes.ts'

/** Brings the compilers along, so it is loaded by the first question and not by the start. */
const questions = () => import('#domain/rules/questions.ts')

export const problem = {
  code: z.string(),
  severity: z.enum(['error', 'warning', 'info']),
  message: z.string(),
  line: z.int().optional(),
  column: z.int().optional(),
  endLine: z.int().optional(),
  endColumn: z.int().optional(),
  hint: z.string().optional(),
}
export const ProblemShape = z.strictObject(problem).register(named, { id: 'Problem' })

/** Only what is promised: a problem may carry more for the parts of the product. */
export function problemShape(one: Problem): z.input<typeof ProblemShape> {
  const { code, severity, message, line, column, endLine, endColumn, hint } = one
  return { code, severity, message, line, column, endLine, endColumn, hint }
}

const document = {
  path: z.string(),
  document: z.int(),
  id: z.string().nullable(),
  title: z.string().nullable(),
}

const Linted = z
  .strictObject({
    documents: z.array(z.strictObject({ ...document, problems: z.array(ProblemShape) })),
  })
  .register(named, { id: 'LintedRules' })

const lint = operation({
  method: 'POST',
  path: '/rules/lint',
  name: 'lintRules',
  summary: 'What is wrong with rules',
  about: 'Each text holds one or more Sigma documents as YAML.',
  permission: 'rule.check',
  body: RulesToLint.register(accepted, { id: 'RulesToLint' }),
  answer: Linted,
  isQuestion: true,
  async run({ house, caller, body }) {
    const linted = await (await questions()).lintRules(house, caller, body)
    return {
      documents: linted.map(({ path, document: index, id, title, problems }) => ({
        path,
        document: index,
        id,
        title,
        problems: problems.map(problemShape),
      })),
    }
  },
})

const Converted = z
  .strictObject({
    documents: z.array(
      z.strictObject({
        ...document,
        ok: z.boolean(),
        queries: z.array(z.string()),
        problems: z.array(ProblemShape),
      }),
    ),
  })
  .register(named, { id: 'ConvertedRules' })

const convert = operation({
  method: 'POST',
  path: '/rules/convert',
  name: 'convertRules',
  summary: 'Rules as queries of a target’s language',
  about: 'A document that cannot be converted faithfully is not ok, and says why.',
  permission: 'rule.check',
  body: RulesToConvert.register(accepted, { id: 'RulesToConvert' }),
  answer: Converted,
  isQuestion: true,
  async run({ house, caller, body }) {
    const converted = await (await questions()).convertRuleTexts(house, caller, body)
    return {
      documents: converted.map(({ queries, problems, ...rest }) => ({
        ...rest,
        ok: queries.length > 0,
        queries: [...queries],
        problems: problems.map(problemShape),
      })),
    }
  },
})

const Matched = z
  .strictObject({
    matches: z.array(
      z.union([
        z.strictObject({
          rule: z.string(),
          title: z.string().nullable(),
          level: z.string().nullable(),
          event: z.int(),
          fields: z.record(z.string(), z.unknown()),
        }),
        z.strictObject({
          rule: z.string(),
          type: z.string(),
          group: z.record(z.string(), z.unknown()),
          events: z.array(z.int()),
          at: InstantText,
        }),
      ]),
    ),
    count: z.int(),
    completeness: z.enum(['complete', 'truncated']),
    untimedCount: z.int(),
    problems: z.array(z.strictObject({ path: z.string(), ...problem })),
  })
  .register(named, { id: 'MatchedRules' })

const match = operation({
  method: 'POST',
  path: '/rules/match',
  name: 'matchRules',
  summary: 'What rules find in these events',
  about:
    'By event, then by rule. `completeness` is `truncated` when there were more matches than an answer holds: `count` says how many. Rules named in `problems` took no part.',
  permission: 'rule.check',
  body: RulesToMatch.register(accepted, { id: 'RulesToMatch' }),
  answer: Matched,
  isQuestion: true,
  async run({ house, caller, body }) {
    const found = await (await questions()).matchRuleTexts(house, caller, body)
    const { matches, count, untimedCount, problems } = found
    return {
      matches: matches.map((one) =>
        'events' in one
          ? { ...one, group: { ...one.group }, events: [...one.events] }
          : { ...one, fields: { ...one.fields } },
      ),
      count,
      completeness: matches.length === count ? ('complete' as const) : ('truncated' as const),
      untimedCount,
      problems: problems.map(({ path, ...rest }) => ({ path, ...problemShape(rest) })),
    }
  },
})

export const RULE_OPERATIONS = [lint, convert, match]
