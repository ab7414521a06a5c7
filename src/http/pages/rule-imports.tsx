// `/w/{slug}/rules/imports`: bringing rules, the preview of what would happen, and what became of it.

import { z } from 'zod'
import { can } from '#domain/access/permission.ts'
import { namesOf } from '#domain/access/names.ts'
import { CONFLICT_CHOICES, FINDINGS, IMPORT_RESULTS } from '#domain/rules/imports/import.ts'
import { isArchive, isRuleFile } from '#domain/rules/imports/files.ts'
import {
  getImport,
  listImportItems,
  listImports,
  previewImport,
  startImport,
} from '#domain/rules/imports/actions.ts'
import { getImportItem, mendImportItem } from '#domain/rules/imports/mend.ts'
import { KIND_ROWS, KINDS } from '#domain/rules/renders/kinds.ts'
import { AppError, forbidden } from '#kernel/error.ts'
import type { Problem } from '#kernel/problem.ts'
import { RULE_BYTES_MAX } from '#kernel/limits.ts'
import { ImportItemPage } from '#views/rules/import-item-page.tsx'
import { ImportPage } from '#views/rules/import-page.tsx'
import { ImportShownPage } from '#views/rules/import-shown-page.tsx'
import { Files, readFiles } from '#http/brought.ts'
import { callerOf } from '#http/caller.ts'
import type { HttpContext } from '#http/env.ts'
import { placeOf } from '#http/frame.ts'
import { readForm, readId, readQuery } from '#http/input.ts'
import { changed, goTo, page } from '#http/respond.tsx'

const rulesOf = (c: HttpContext) => `${placeOf(c)}/rules`
const rootOf = (c: HttpContext) => `${rulesOf(c)}/imports`
const trailOf = (c: HttpContext) => [{ label: 'Rules', href: rulesOf(c) }]

export async function showImports(c: HttpContext, pasted = '', refusal: string | null = null) {
  const caller = callerOf(c)
  const imports = await listImports(c.var.house, caller)
  const names = await namesOf(
    c.var.house,
    caller,
    imports.map(({ createdBy }) => createdBy),
  )
  const upstreams = `${placeOf(c)}/upstreams`
  const props = { path: rootOf(c), upstreams, imports, names, pasted, refusal }
  const status = refusal === null ? 200 : 422
  return page(c, { title: 'Import rules', trail: trailOf(c), status }, <ImportPage {...props} />)
}

const BringForm = z.strictObject({
  files: Files,
  folder: Files,
  pasted: z.string().max(RULE_BYTES_MAX).default(''),
})

export async function bring(c: HttpContext): Promise<Response> {
  const { files, folder, pasted } = await readForm(c, BringForm)
  try {
    // Beside rules a repository holds what nobody means to import.
    const sent = [...files, ...folder.filter(({ name }) => isRuleFile(name) || isArchive(name))]
    const read = await readFiles(sent)
    const all = pasted.trim() === '' ? read : [...read, { path: 'pasted', text: pasted }]
    const isPasted = pasted.trim() !== ''
    const source = isPasted && sent.length === 0 ? 'a pasted text' : sourceOf(sent, all.length)
    const id = await previewImport(c.var.house, callerOf(c), { source, files: all })
    return goTo(c, `${rootOf(c)}/${id}`)
  } catch (error) {
    const codes = ['invalid', 'too_large', 'unsupported']
    if (!(error instanceof AppError) || !codes.includes(error.code)) throw error
    return showImports(c, pasted, error.message)
  }
}

/** What people call it: the file, the folder, or how many. */
function sourceOf(sent: readonly File[], count: number): string {
  const [first] = sent
  if (first !== undefined && sent.length === 1) return first.name
  const [folder = ''] = first?.name.split('/') ?? []
  const isFolder = folder !== '' && sent.every(({ name }) => name.startsWith(`${folder}/`))
  return isFolder ? `${folder} (${count} files)` : `${count} files`
}

const ITEMS_SHOWN = 50
const ShowQuery = z.object({
  finding: z.enum(FINDINGS).optional().catch(undefined),
  result: z.enum(IMPORT_RESULTS).optional().catch(undefined),
  cursor: z.string().max(2_000).optional().catch(undefined),
})

/** The matcher runs rules itself. */
const COMPILED_KINDS = KINDS.filter((kind) => kind !== 'local').map((kind) => {
  return { kind, label: KIND_ROWS[kind].label }
})

export async function showImport(c: HttpContext): Promise<Response> {
  const { house } = c.var
  const caller = callerOf(c)
  const id = readId(c, 'imp')
  const query = readQuery(c, ShowQuery)
  const shown = await getImport(house, caller, id)
  const items = await listImportItems(house, caller, id, { ...query, limit: ITEMS_SHOWN })
  const props = {
    ...shown,
    ...items,
    path: `${rootOf(c)}/${id}`,
    rules: rulesOf(c),
    deploy: can(callerOf(c), 'change.write') ? `${placeOf(c)}/changes/new` : null,
    jobs: `${placeOf(c)}/jobs`,
    kinds: COMPILED_KINDS,
    finding: query.finding ?? null,
    result: query.result ?? null,
    cursor: query.cursor ?? null,
  }
  const trail = [...trailOf(c), { label: 'Import', href: rootOf(c) }]
  return page(c, { title: shown.found.source, trail }, <ImportShownPage {...props} />)
}

const StartForm = z.strictObject({
  conflicts: z.enum(CONFLICT_CHOICES).default('keep'),
  broken: z.enum(['leave', 'keep', 'stop']).default('leave'),
})

export async function start(c: HttpContext): Promise<Response> {
  const id = readId(c, 'imp')
  await getImport(c.var.house, callerOf(c), id)
  const { conflicts, broken } = await readForm(c, StartForm)
  const wish = { conflicts, isAllOrNothing: broken === 'stop', keepsBroken: broken === 'keep' }
  await startImport(c.var.house, callerOf(c), id, wish)
  return changed(c, { redirect: `${rootOf(c)}/${id}`, notice: 'The import has begun.' })
}

function readPosition(c: HttpContext): number {
  const position = Number(c.req.param('position'))
  if (!Number.isSafeInteger(position)) throw forbidden()
  return position
}

export async function showItem(
  c: HttpContext,
  typed?: { text: string; problems: readonly Problem[] },
) {
  const id = readId(c, 'imp')
  const caller = callerOf(c)
  const item = await getImportItem(c.var.house, caller, id, readPosition(c))
  const { found } = await getImport(c.var.house, caller, id)
  const path = `${rootOf(c)}/${id}`
  const trail = [
    ...trailOf(c),
    { label: 'Import', href: rootOf(c) },
    { label: found.source, href: path },
  ]
  const props = { ...item, ...typed, action: `${path}/items/${item.position}`, back: path }
  const words = `${rulesOf(c)}/words`
  const status = typed === undefined ? 200 : 422
  return page(
    c,
    { title: `Document ${item.position}`, trail, status },
    <ImportItemPage {...props} isRefused={typed !== undefined} words={words} />,
  )
}

const MendForm = z.strictObject({ text: z.string().max(RULE_BYTES_MAX) })

export async function mend(c: HttpContext): Promise<Response> {
  const id = readId(c, 'imp')
  const position = readPosition(c)
  await getImportItem(c.var.house, callerOf(c), id, position)
  const { text } = await readForm(c, MendForm)
  const problems = await mendImportItem(c.var.house, callerOf(c), id, { position, text })
  if (problems.length > 0) return showItem(c, { text, problems })
  return changed(c, { redirect: `${rootOf(c)}/${id}`, notice: 'The document was mended.' })
}
