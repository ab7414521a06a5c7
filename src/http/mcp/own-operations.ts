// What only agents ask for: why a rule judged an event as it did, and a test made of an event that is
// at hand. Declared as operations are, over the actions of pages and command line.

import { z } from 'zod'
import { ExplainInput, NewCase } from '#domain/rules/input.ts'
import { operation } from '#http/api/operation.ts'
import { problemShape, ProblemShape } from '#http/api/rules.ts'
import { RuleShape, ruleShape } from '#http/api/rule-shapes.ts'
import { RuleIdText } from '#http/api/shapes.ts'
import { checkInput } from '#http/input.ts'

const TraceLine = z.strictObject({
  depth: z.int(),
  isTrue: z.boolean().nullable(),
  label: z.string(),
  saw: z.string().nullable(),
})

export const explainEvent = operation({
  method: 'POST',
  path: '/rules/explain',
  name: 'explainEvent',
  summary: 'Why rules match an event, or why they do not',
  about:
    'Of every part of the detection only what decided it. `isTrue` is null where it cannot be told; a document in `problems` was not judged.',
  permission: 'rule.check',
  body: ExplainInput,
  answer: z.strictObject({
    documents: z.array(z.strictObject({ title: z.string(), lines: z.array(TraceLine) })),
    problems: z.array(ProblemShape),
  }),
  isQuestion: true,
  async run({ house, caller, body }) {
    const { explainText } = await import('#domain/rules/questions.ts')
    const { documents, problems } = await explainText(house, caller, body)
    return {
      documents: documents.map(({ title, lines }) => ({ title, lines: [...lines] })),
      problems: problems.map(problemShape),
    }
  },
})

const Event = z.record(z.string(), z.unknown())

export const addRuleTest = operation({
  method: 'POST',
  path: '/rules/{id}/tests',
  name: 'addRuleTest',
  summary: 'Add a test case to a rule, made of an event',
  about:
    'The rule is run over the event, and what it does is what the case expects from then on: `expect` of the answer. The rule gets a new version.',
  permission: 'rule.write',
  reach: 'named',
  params: z.strictObject({ id: RuleIdText }),
  body: z.strictObject({ name: z.string().trim().min(1).max(500), event: Event }),
  answer: z.strictObject({ expect: z.enum(['match', 'no_match']), rule: RuleShape }),
  async run({ house, caller, params, body }) {
    const { addCase } = await import('#domain/rules/testing/add-case.ts')
    const made = checkInput(NewCase, { name: body.name, event: JSON.stringify(body.event) })
    const { expect, rule } = await addCase(house, caller, params.id, made)
    return { expect, rule: ruleShape(rule) }
  },
})
