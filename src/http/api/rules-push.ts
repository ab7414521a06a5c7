// `/rules/files` and `/rules/push`: rules kept as files of a folder. A program asks for the hashes of all
// rules, reads the few texts that differ, and sends the few that changed.

import { z } from 'zod'
import { FilesToPush, TextsWanted } from '#domain/rules/input.ts'
import { operation } from './operation.ts'
import { ProblemShape, problemShape } from './rules.ts'
import { accepted, named, PAGE_QUERY, pageShape, RuleIdText } from './shapes.ts'

const actions = () => import('#domain/rules/files/actions.ts')

const Place = { path: z.string(), document: z.int() }

const FiledRule = z
  .strictObject({
    id: RuleIdText,
    version: z.int(),
    contentHash: z.string(),
    sigmaId: z.string().nullable(),
    title: z.string(),
    group: z.string().nullable(),
    file: z.strictObject({ ...Place, version: z.int(), contentHash: z.string() }).nullable(),
  })
  .register(named, { id: 'FiledRule' })
const FiledRulePage = pageShape(FiledRule).register(named, { id: 'FiledRulePage' })

const Texts = z
  .strictObject({
    texts: z.array(z.strictObject({ rule: RuleIdText, version: z.int(), text: z.string() })),
  })
  .register(named, { id: 'RuleTexts' })

const Pushed = z
  .strictObject({
    results: z.array(
      z.strictObject({
        ...Place,
        outcome: z.enum(['created', 'saved', 'same', 'refused']),
        rule: RuleIdText.optional(),
        version: z.int().optional(),
        contentHash: z.string().optional(),
        problems: z.array(ProblemShape).optional(),
      }),
    ),
  })
  .register(named, { id: 'PushedRules' })

const listFiles = operation({
  method: 'GET',
  path: '/rules/files',
  name: 'listRuleFiles',
  summary: 'Hashes of all rules, to compare a folder with',
  about:
    'Retired rules are left out. `file` says where a rule stood when it was pushed last, and the version that was the same then; `title` has at most 200 characters.',
  permission: 'rule.read',
  query: z.strictObject(PAGE_QUERY),
  answer: FiledRulePage,
  async run({ house, caller, query }) {
    const { items, next } = await (await actions()).listFiled(house, caller, query)
    return { items: items.map((item) => ({ ...item })), next }
  },
})

const readFiles = operation({
  method: 'POST',
  path: '/rules/files/read',
  name: 'readRuleFiles',
  summary: 'The texts of several versions at once',
  about: 'A version that is not in this workspace is left out of the answer.',
  permission: 'rule.read',
  isQuestion: true,
  body: TextsWanted.register(accepted, { id: 'RuleTextsWanted' }),
  answer: Texts,
  async run({ house, caller, body }) {
    const texts = await (await actions()).readTexts(house, caller, body.versions)
    return { texts: texts.map(({ rule, version, text }) => ({ rule, version, text })) }
  },
})

const push = operation({
  method: 'POST',
  path: '/rules/push',
  name: 'pushRules',
  summary: 'Write several rules from files',
  about:
    'Each text is one document. `over` names the rule and the version that the sender saw; when the rule has another one by now, or another rule has the Sigma id, that text is refused and the others are written. `same` tells of files that are what the rule is already.',
  permission: 'rule.write',
  body: FilesToPush.register(accepted, { id: 'RulesToPush' }),
  answer: Pushed,
  async run({ house, caller, body }) {
    const results = await (await actions()).pushFiles(house, caller, body)
    return {
      results: results.map(({ problems, ...rest }) => ({
        ...rest,
        ...(problems && { problems: problems.map(problemShape) }),
      })),
    }
  },
})

export const RULE_FILE_OPERATIONS = [listFiles, readFiles, push]
