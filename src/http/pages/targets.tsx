// `/w/{slug}/targets`: the list, and adding one. The pages of one target are loaded with their first
// reader.

import { z } from 'zod'
import { can } from '#domain/access/permission.ts'
import { addTarget, listTargets } from '#domain/targets/actions.ts'
import { NewTarget } from '#domain/targets/input.ts'
import { TARGET_KIND_ROWS, TARGET_KINDS } from '#domain/targets/settings.ts'
import { AppError } from '#kernel/error.ts'
import { ChooseKindPage, NewTargetPage, type Typed } from '#views/targets/new-page.tsx'
import { TargetList, TargetsPage } from '#views/targets/targets-page.tsx'
import { callerOf } from '#http/caller.ts'
import type { HttpContext } from '#http/env.ts'
import { placeOf } from '#http/frame.ts'
import { readForm, readQuery } from '#http/input.ts'
import { changed, fragment, page, wantsOnly } from '#http/respond.tsx'
import { handlersOf, pageRoute, type Route } from '#http/routes.ts'
import { problemsOf, refuseOthers, settingsIn, TargetForm } from './target-form.ts'

const ROOT = '/w/:slug/targets'
const later = handlersOf(() => import('./target.tsx'))
const PAGE_ROWS = 100

export function targetRoutes(): readonly Route[] {
  const one = `${ROOT}/:id`
  return [
    pageRoute('GET', ROOT, 'target.read', showTargets),
    pageRoute('GET', `${ROOT}/new`, 'target.write', (c) => showNew(c)),
    pageRoute('POST', `${ROOT}/new`, 'target.write', writeNew),
    pageRoute('GET', one, 'target.read', later('showTarget')),
    pageRoute('POST', `${one}/check`, 'target.write', later('check')),
    pageRoute('GET', `${one}/privileges`, 'target.read', later('showPrivileges')),
    pageRoute('GET', `${one}/credentials`, 'target.read', later('showCredentials')),
    pageRoute('POST', `${one}/credentials`, 'target.write', later('writeCredential')),
    pageRoute('POST', `${one}/credentials/promote`, 'target.write', later('promote')),
    pageRoute('POST', `${one}/credentials/revert`, 'target.write', later('revert')),
    pageRoute('POST', `${one}/credentials/remove`, 'target.write', later('takeCredential')),
    pageRoute('GET', `${one}/schema`, 'target.read', later('showSchema')),
    pageRoute('GET', `${one}/settings`, 'target.read', later('showSettings')),
    pageRoute('POST', `${one}/settings`, 'target.write', later('writeSettings')),
    pageRoute('POST', `${one}/removal`, 'target.write', later('remove')),
  ]
}

const listPath = (c: HttpContext) => `${placeOf(c)}/targets`

const Query = z.object({ cursor: z.string().max(2_000).optional().catch(undefined) })

async function showTargets(c: HttpContext): Promise<Response> {
  const caller = callerOf(c)
  const { cursor } = readQuery(c, Query)
  const { items, next } = await listTargets(c.var.house, caller, { limit: PAGE_ROWS, cursor })
  const path = listPath(c)
  const shown = {
    path,
    mappings: `${placeOf(c)}/mappings`,
    targets: items,
    labels: LABELS,
    first: cursor === undefined ? null : path,
    next: next === null ? null : `${path}?${new URLSearchParams({ cursor: next }).toString()}`,
    mayWrite: can(caller, 'target.write'),
  }
  if (wantsOnly(c, 'target-list')) return fragment(c, <TargetList shown={shown} />)
  return page(c, { title: 'Targets' }, <TargetsPage shown={shown} />)
}

const LABELS = {
  local: TARGET_KIND_ROWS.local.label,
  splunk: TARGET_KIND_ROWS.splunk.label,
  sentinel: TARGET_KIND_ROWS.sentinel.label,
  defender: TARGET_KIND_ROWS.defender.label,
  elastic: TARGET_KIND_ROWS.elastic.label,
  opensearch: TARGET_KIND_ROWS.opensearch.label,
}

const KindQuery = z.object({
  kind: z.enum(TARGET_KINDS).exclude(['local']).optional().catch(undefined),
})

async function showNew(c: HttpContext, typed: Typed = {}, problems: Typed = {}): Promise<Response> {
  const path = listPath(c)
  const trail = [{ label: 'Targets', href: path }]
  const { kind } = readQuery(c, KindQuery)
  if (kind === undefined) {
    const kinds = TARGET_KINDS.filter((one) => one !== 'local').map((one) => {
      const { label, about } = TARGET_KIND_ROWS[one]
      return { kind: one, label, about }
    })
    return page(c, { title: 'Add a target', trail }, <ChooseKindPage path={path} kinds={kinds} />)
  }
  const { label, fields, steps } = TARGET_KIND_ROWS[kind]
  const shown = { path, kind, label, fields, steps: steps.read, typed, problems }
  const status = Object.keys(problems).length > 0 ? 422 : 200
  return page(c, { title: `Add ${label}`, trail, status }, <NewTargetPage shown={shown} />)
}

async function writeNew(c: HttpContext): Promise<Response> {
  const { kind } = readQuery(c, KindQuery)
  const typed = await readForm(c, TargetForm)
  if (kind === undefined) throw new AppError('invalid', 'Choose the kind of target first.')
  refuseOthers(kind, typed, ['name', 'stage', 'ca'])
  const { name, stage, ca = '' } = typed
  const input = { kind, name, stage, ca, settings: settingsIn(kind, typed) }
  const parsed = NewTarget.safeParse(input)
  if (!parsed.success) return showNew(c, typed, problemsOf(parsed.error, kind))
  try {
    const { target } = await addTarget(c.var.house, callerOf(c), parsed.data)
    const redirect = `${listPath(c)}/${target.id}/credentials`
    return changed(c, { redirect, notice: `${target.name} is added, read-only.` })
  } catch (error) {
    if (!(error instanceof AppError) || error.code !== 'conflict') throw error
    return showNew(c, typed, { name: error.message })
  }
}
