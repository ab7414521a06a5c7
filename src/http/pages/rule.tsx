// One rule: its faces, going back, putting it away. Loaded with the first reader, because
// runbooks bring a Markdown parser along.

import { z } from 'zod'
import { namesOf } from '#domain/access/names.ts'
import { can } from '#domain/access/permission.ts'
import { listStandings } from '#domain/adoption/standing.ts'
import { readAttack } from '#domain/instance/attack-in-force.ts'
import { restoreRule, retireRule, reviveRule } from '#domain/rules/actions.ts'
import { listRuleExclusions } from '#domain/rules/exclusions/actions.ts'
import { RestoreInput } from '#domain/rules/input.ts'
import { KIND_ROWS, KINDS } from '#domain/rules/renders/kinds.ts'
import { examineText, compareVersions } from '#domain/rules/looking.ts'
import { getRule, listVersions } from '#domain/rules/reading.ts'
import { listRenders, renderAgain } from '#domain/rules/renders/actions.ts'
import { offersFor, takeOffer } from '#domain/rules/offers/offer.ts'
import { addStarterRules, starterNotice } from '#domain/rules/starter.ts'
import { findOrigin } from '#domain/rules/upstreams/looking.ts'
import { forbidden } from '#kernel/error.ts'
import { fixTags, readTags } from '#languages/attack/tags.ts'
import { parseMarkdown } from '#languages/markdown/parse.ts'
import { QueryPage } from '#views/rules/query-page.tsx'
import { RulePage } from '#views/rules/rule-page.tsx'
import { ComparisonPage, VersionsPage } from '#views/rules/versions-page.tsx'
import { callerOf } from '#http/caller.ts'
import type { HttpContext } from '#http/env.ts'
import { placeOf } from '#http/frame.ts'
import { readForm, readId, readQuery } from '#http/input.ts'
import { changed, page } from '#http/respond.tsx'
import { headOf, listPath, pathOf, trailOf } from './rule-frame.ts'

export async function showRule(c: HttpContext): Promise<Response> {
  const { house } = c.var
  const caller = callerOf(c)
  const rule = await getRule(house, caller, readId(c, 'rul'))
  const examined = await examineText(house, caller, rule.text)
  const table = await readAttack(house, caller)
  const origin = (await findOrigin(house, caller, rule.id)) ?? null
  const { runbook } = examined.content ?? { runbook: null }
  const exclusions = {
    path: `${placeOf(c)}/exclusions`,
    items: await listRuleExclusions(house, caller, rule.id),
    mayWrite: can(caller, 'exclusion.write') && rule.state !== 'retired',
  }
  const props = {
    ...headOf(c, rule, ''),
    targets: `${placeOf(c)}/targets`,
    standings: await listStandings(house, caller, rule.id),
    exclusions,
    examined,
    origin,
    runbook: runbook === null ? null : parseMarkdown(runbook, { resolve: onlyWeb }),
    attack: { tags: readTags(rule.tags, table), fixes: fixTags(rule.tags, table) },
  }
  return page(c, { title: rule.title, trail: trailOf(c) }, <RulePage {...props} />)
}

const onlyWeb = (href: string) => (/^https?:\/\//i.test(href) ? href : undefined)

export async function showQuery(c: HttpContext): Promise<Response> {
  const { house } = c.var
  const caller = callerOf(c)
  const rule = await getRule(house, caller, readId(c, 'rul'))
  const renders = await listRenders(house, caller, rule.id)
  const offers = await offersFor(house, caller, rule)
  const head = headOf(c, rule, '/query')
  const props = { ...head, text: rule.text, renders, offers, kinds: KIND_ROWS }
  return page(c, { title: 'Query', trail: trailOf(c, rule) }, <QueryPage {...props} />)
}

const OfferForm = z.strictObject({ kind: z.enum(KINDS) })

export async function addDetection(c: HttpContext): Promise<Response> {
  const { id } = await getRule(c.var.house, callerOf(c), readId(c, 'rul'))
  const { kind } = await readForm(c, OfferForm)
  const { rule } = await takeOffer(c.var.house, callerOf(c), id, kind)
  const notice = `Version ${rule.version} has the detection beside the query.`
  return changed(c, { redirect: `${pathOf(c, id)}/query`, notice })
}

export async function compileAgain(c: HttpContext): Promise<Response> {
  const id = readId(c, 'rul')
  await renderAgain(c.var.house, callerOf(c), id)
  return changed(c, { redirect: `${pathOf(c, id)}/query`, notice: 'The rule was compiled again.' })
}

export async function addStarter(c: HttpContext): Promise<Response> {
  const told = await addStarterRules(c.var.house, callerOf(c))
  return changed(c, { redirect: listPath(c), notice: starterNotice(told) })
}

const VERSIONS_SHOWN = 50
const VersionsQuery = z.object({ cursor: z.string().max(2_000).optional().catch(undefined) })

export async function showVersions(c: HttpContext): Promise<Response> {
  const { house } = c.var
  const caller = callerOf(c)
  const { cursor } = readQuery(c, VersionsQuery)
  const rule = await getRule(house, caller, readId(c, 'rul'))
  const list = await listVersions(house, caller, rule.id, { limit: VERSIONS_SHOWN, cursor })
  const props = {
    ...headOf(c, rule, '/versions'),
    versions: list.items,
    next: list.next,
    isFirst: cursor === undefined,
    names: await namesOf(
      house,
      caller,
      list.items.map(({ createdBy }) => createdBy),
    ),
  }
  return page(c, { title: 'Versions', trail: trailOf(c, rule) }, <VersionsPage {...props} />)
}

const VersionNumber = z.coerce.number().int().min(1)
const FromQuery = z.object({ from: VersionNumber.catch(1).default(1) })

export async function showComparison(c: HttpContext): Promise<Response> {
  const { house } = c.var
  const caller = callerOf(c)
  const { from } = readQuery(c, FromQuery)
  const to = VersionNumber.safeParse(c.req.param('version'))
  if (!to.success) throw forbidden()
  const rule = await getRule(house, caller, readId(c, 'rul'))
  const compared = await compareVersions(house, caller, rule.id, [from, to.data])
  const { before, after } = compared
  const props = { ...headOf(c, rule, '/versions'), ...compared }
  const title = `Versions ${before.number} and ${after.number}`
  return page(c, { title, trail: trailOf(c, rule) }, <ComparisonPage {...props} />)
}

const RestoreForm = z.strictObject({ version: VersionNumber, over: VersionNumber })

export async function restore(c: HttpContext): Promise<Response> {
  const { id } = await getRule(c.var.house, callerOf(c), readId(c, 'rul'))
  const { version, over } = await readForm(c, RestoreForm)
  const input = RestoreInput.parse({ version, reason: `Back to version ${version}` })
  const expected = new Set([String(over)])
  await restoreRule(c.var.house, callerOf(c), id, { ...input, expected })
  const notice = `Version ${version} is the newest text again.`
  return changed(c, { redirect: pathOf(c, id), notice })
}

export async function retire(c: HttpContext): Promise<Response> {
  const id = readId(c, 'rul')
  const { title } = await retireRule(c.var.house, callerOf(c), id)
  return changed(c, { redirect: pathOf(c, id), notice: `${shorten(title)} is retired.` })
}

export async function revive(c: HttpContext): Promise<Response> {
  const id = readId(c, 'rul')
  const { title } = await reviveRule(c.var.house, callerOf(c), id)
  return changed(c, { redirect: pathOf(c, id), notice: `${shorten(title)} is a draft again.` })
}

const shorten = (title: string) => (title.length > 80 ? `${title.slice(0, 80)}…` : title)
