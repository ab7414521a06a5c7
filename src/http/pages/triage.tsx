// `/w/{slug}/rules/{id}/triage`: what is needed by whoever looks at an alert; and saying what it was.

import { z } from 'zod'
import { can } from '#domain/access/permission.ts'
import { getAlert, setDisposition } from '#domain/health/alerts.ts'
import { DispositionInput } from '#domain/health/input.ts'
import { readTriage } from '#domain/health/triage.ts'
import { readPolicy } from '#domain/workspaces/policy-actions.ts'
import { ID_PREFIXES } from '#kernel/id.ts'
import { parseInstant } from '#kernel/time.ts'
import { parseMarkdown } from '#languages/markdown/parse.ts'
import { TriagePage } from '#views/health/triage-page.tsx'
import { callerOf } from '#http/caller.ts'
import type { HttpContext } from '#http/env.ts'
import { placeOf } from '#http/frame.ts'
import { readForm, readId, readQuery } from '#http/input.ts'
import { changed, page } from '#http/respond.tsx'
import { pathOf, trailOf } from './rule-frame.ts'

// Everything else that the link brings is a field of the alert.
const Query = z.looseObject({
  version: z.coerce.number().int().min(1).optional().catch(undefined),
  at: z.string().max(50).optional().catch(undefined),
})
const VALUE_CHARS_MAX = 500
const VALUES_MAX = 50

export async function showTriage(c: HttpContext): Promise<Response> {
  const { house } = c.var
  const caller = callerOf(c)
  const { version, at, ...others } = readQuery(c, Query)
  const values = Object.fromEntries(
    Object.entries(others)
      .flatMap(([name, value]) =>
        typeof value === 'string' && value.length <= VALUE_CHARS_MAX ? [[name, value]] : [],
      )
      .slice(0, VALUES_MAX),
  )
  const wanted = { version, at: at === undefined ? undefined : parseInstant(at), values }
  const triage = await readTriage(house, caller, readId(c, 'rul'), wanted)
  const { policy } = await readPolicy(house, caller)
  const mayFix = policy.hotfix && can(caller, 'hotfix.make') && triage.placements.length > 0
  const runbook = triage.content?.runbook ?? null
  const props = {
    triage,
    path: pathOf(c, triage.rule.id),
    alerts: `${placeOf(c)}/alerts`,
    exclusions: `${placeOf(c)}/exclusions`,
    searches: can(caller, 'search.run') ? `${placeOf(c)}/searches` : null,
    hotfix: mayFix ? `${placeOf(c)}/hotfixes/new?rule=${triage.rule.id}` : null,
    runbook: runbook === null ? null : parseMarkdown(runbook, { resolve: onlyWeb }),
    may: { exclude: can(caller, 'exclusion.write'), dispose: can(caller, 'disposition.write') },
  }
  return page(c, { title: 'Triage', trail: trailOf(c, triage.rule) }, <TriagePage {...props} />)
}

const onlyWeb = (href: string) => (/^https?:\/\//i.test(href) ? href : undefined)

export async function dispose(c: HttpContext): Promise<Response> {
  const { id } = await getAlert(c.var.house, callerOf(c), readId(c, ID_PREFIXES.alert))
  const form = await readForm(c, DispositionInput)
  const { ruleId } = await setDisposition(c.var.house, callerOf(c), id, form)
  return changed(c, { redirect: `${pathOf(c, ruleId)}/triage`, notice: 'Noted.' })
}
