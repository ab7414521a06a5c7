// `/rules`: the rules of the workspace, their texts and their history.

import { z } from 'zod'
import { NewRuleInput, RestoreInput, RuleEditInput, RuleListQuery } from '#domain/rules/input.ts'
import { KINDS } from '#domain/rules/renders/kinds.ts'
import { operation } from './operation.ts'
import {
  RendersShape,
  rendersShape,
  RulePageShape,
  RuleShape,
  ruleShape,
  RuleWithTextShape,
  VersionPageShape,
  versionShape,
  VersionWithTextShape,
} from './rule-shapes.ts'
import { accepted, PAGE_QUERY, queryNumber, RuleIdText } from './shapes.ts'

/** Loaded by the first request and not by the start: the reader of rules is large. */
const actions = () => import('#domain/rules/actions.ts')
const offers = () => import('#domain/rules/offers/offer.ts')
const rendering = () => import('#domain/rules/renders/actions.ts')
const reading = () => import('#domain/rules/reading.ts')

const RulePath = z.strictObject({ id: RuleIdText })
const VersionPath = z.strictObject({ id: RuleIdText, n: queryNumber(1, 1_000_000) })

const list = operation({
  method: 'GET',
  path: '/rules',
  name: 'listRules',
  summary: 'Rules of this workspace',
  about:
    'Lists are comma-separated and name any of their values; different parameters all hold. Retired rules are left out unless `state` names them. `count` is of the whole list.',
  permission: 'rule.read',
  query: z.strictObject({ ...RuleListQuery.shape, ...PAGE_QUERY }),
  answer: RulePageShape,
  async run({ house, caller, query }) {
    const { limit, cursor, sort, ...filter } = query
    const page = await (await reading()).listRules(house, caller, { filter, sort, limit, cursor })
    return { items: page.items.map(ruleShape), next: page.next, count: page.count }
  },
})

const add = operation({
  method: 'POST',
  path: '/rules',
  name: 'addRule',
  summary: 'Add a rule',
  about:
    '`text` is a rule file with one document. It is kept byte for byte; one with mistakes is kept too and says so in `problems`, unless nobody could find it again: no YAML, no title, several documents.',
  permission: 'rule.write',
  reach: 'named',
  body: NewRuleInput.register(accepted, { id: 'NewRule' }),
  status: 201,
  answer: RuleShape,
  async run({ house, caller, body }) {
    const { rule } = await (
      await actions()
    ).createRule(house, caller, { ...body, origin: 'written' })
    return ruleShape(rule)
  },
})

const get = operation({
  method: 'GET',
  path: '/rules/{id}',
  name: 'getRule',
  summary: 'One rule with its text',
  permission: 'rule.read',
  params: RulePath,
  answer: RuleWithTextShape,
  isVersioned: true,
  async run({ house, caller, params }) {
    const { text, ...rule } = await (await reading()).getRule(house, caller, params.id)
    return { ...ruleShape(rule), text }
  },
})

const save = operation({
  method: 'PATCH',
  path: '/rules/{id}',
  name: 'saveRule',
  summary: 'A new version of a rule',
  about: 'The same text again makes no version.',
  permission: 'rule.write',
  reach: 'named',
  params: RulePath,
  body: RuleEditInput.register(accepted, { id: 'RuleEdit' }),
  answer: RuleShape,
  isVersioned: true,
  async run({ house, caller, params, body, expected }) {
    const { rule } = await (
      await actions()
    ).saveRule(house, caller, params.id, { ...body, expected })
    return ruleShape(rule)
  },
})

const remove = operation({
  method: 'DELETE',
  path: '/rules/{id}',
  name: 'deleteRule',
  summary: 'Delete a draft with its history',
  about:
    'A rule that was ever deployed is retired instead: 409. The log keeps that the draft was there.',
  permission: 'rule.write',
  reach: 'named',
  params: RulePath,
  isVersioned: true,
  async run({ house, caller, params, expected }) {
    await (await actions()).deleteRule(house, caller, params.id, expected)
    return undefined
  },
})

const versions = operation({
  method: 'GET',
  path: '/rules/{id}/versions',
  name: 'listRuleVersions',
  summary: 'The history of a rule, newest first',
  permission: 'rule.read',
  params: RulePath,
  query: z.strictObject(PAGE_QUERY),
  answer: VersionPageShape,
  async run({ house, caller, params, query }) {
    const page = await (await reading()).listVersions(house, caller, params.id, query)
    return { items: page.items.map(versionShape), next: page.next }
  },
})

const version = operation({
  method: 'GET',
  path: '/rules/{id}/versions/{n}',
  name: 'getRuleVersion',
  summary: 'One version with its text',
  permission: 'rule.read',
  params: VersionPath,
  answer: VersionWithTextShape,
  async run({ house, caller, params }) {
    const one = await (await reading()).getVersion(house, caller, params.id, params.n)
    return { ...versionShape(one), text: one.text }
  },
})

const restore = operation({
  method: 'POST',
  path: '/rules/{id}/restore',
  name: 'restoreRule',
  summary: 'The text of an older version as the newest one',
  permission: 'rule.write',
  reach: 'named',
  params: RulePath,
  body: RestoreInput.register(accepted, { id: 'RuleRestoring' }),
  answer: RuleShape,
  isVersioned: true,
  async run({ house, caller, params, body, expected }) {
    const { rule } = await (
      await actions()
    ).restoreRule(house, caller, params.id, { ...body, expected })
    return ruleShape(rule)
  },
})

const retire = operation({
  method: 'POST',
  path: '/rules/{id}/retire',
  name: 'retireRule',
  summary: 'Put a rule away that runs nowhere',
  permission: 'rule.write',
  reach: 'named',
  params: RulePath,
  answer: RuleShape,
  isVersioned: true,
  async run({ house, caller, params, expected }) {
    return ruleShape(await (await actions()).retireRule(house, caller, params.id, expected))
  },
})

const revive = operation({
  method: 'POST',
  path: '/rules/{id}/revive',
  name: 'reviveRule',
  summary: 'Take a retired rule back as a draft',
  permission: 'rule.write',
  reach: 'named',
  params: RulePath,
  answer: RuleShape,
  isVersioned: true,
  async run({ house, caller, params, expected }) {
    return ruleShape(await (await actions()).reviveRule(house, caller, params.id, expected))
  },
})

const renders = operation({
  method: 'GET',
  path: '/rules/{id}/renders',
  name: 'listRuleRenders',
  summary: 'What a rule becomes at each kind of place',
  about:
    'Its queries, or why it is refused there. `isPending`: what it was compiled from is another one now.',
  permission: 'rule.read',
  params: RulePath,
  answer: RendersShape,
  async run({ house, caller, params }) {
    return rendersShape(await (await rendering()).listRenders(house, caller, params.id))
  },
})

const render = operation({
  method: 'POST',
  path: '/rules/{id}/renders',
  name: 'renderRule',
  summary: 'Compile a rule again from what is there now',
  permission: 'rule.write',
  reach: 'named',
  params: RulePath,
  answer: RendersShape,
  async run({ house, caller, params }) {
    return rendersShape(await (await rendering()).renderAgain(house, caller, params.id))
  },
})

const offer = operation({
  method: 'POST',
  path: '/rules/{id}/sigma',
  name: 'addDetection',
  summary: 'Add the detection that says the same as a query of the rule',
  about:
    'A version with both. 409 where nothing is offered: the query cannot be said in Sigma and proved to be the same.',
  permission: 'rule.write',
  reach: 'named',
  params: RulePath,
  body: z.strictObject({ kind: z.enum(KINDS) }).register(accepted, { id: 'DetectionWish' }),
  answer: RuleShape,
  async run({ house, caller, params, body }) {
    const { rule } = await (await offers()).takeOffer(house, caller, params.id, body.kind)
    return ruleShape(rule)
  },
})

export const KEPT_RULE_OPERATIONS = [
  list,
  add,
  get,
  save,
  remove,
  versions,
  version,
  restore,
  retire,
  revive,
  renders,
  render,
  offer,
]
