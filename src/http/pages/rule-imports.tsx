// `/w/{slug}/rules/imports`: bringing rules, the preview of what would happen, and what became of it.

import { z } from 'zod'
import { CONFLICT_CHOICES, FINDINGS } from '#domain/rules/import.ts'
import {
  getImport,
  listImportItems,
  listImports,
  previewImport,
  startImport,
} from '#domain/rules/imports.ts'
import type { FileToSplit } from '#domain/rules/split-task.ts'
import { AppError } from '#kernel/error.ts'
import {
  RULE_BYTES_MAX,
  ZIP_BYTES_MAX,
  ZIP_FILES_MAX,
  ZIP_UNPACKED_BYTES_MAX,
} from '#kernel/limits.ts'
import { inTurns } from '#platform/turns.ts'
import { readZip, type ZipFile } from '#platform/zip/read.ts'
import { ImportPage } from '#views/rules/import-page.tsx'
import { ImportShownPage } from '#views/rules/import-shown-page.tsx'
import { callerOf } from '#http/caller.ts'
import type { HttpContext } from '#http/env.ts'
import { placeOf } from '#http/frame.ts'
import { readForm, readId, readQuery } from '#http/input.ts'
import { changed, goTo, page } from '#http/respond.tsx'
import { pageRoute, type Route } from '#http/routes.ts'

const ROOT = '/w/:slug/rules/imports'

export function ruleImportRoutes(): readonly Route[] {
  const large = { bodyBytesMax: ZIP_BYTES_MAX }
  return [
    pageRoute('GET', ROOT, 'rule.write', (c) => showImports(c)),
    pageRoute('POST', ROOT, 'rule.write', bring, large),
    pageRoute('GET', `${ROOT}/:id`, 'rule.write', showImport),
    pageRoute('POST', `${ROOT}/:id/start`, 'rule.write', start),
  ]
}

const rulesOf = (c: HttpContext) => `${placeOf(c)}/rules`
const rootOf = (c: HttpContext) => `${rulesOf(c)}/imports`
const trailOf = (c: HttpContext) => [{ label: 'Rules', href: rulesOf(c) }]

async function showImports(c: HttpContext, pasted = '', refusal: string | null = null) {
  const imports = await listImports(c.var.house, callerOf(c))
  const props = { path: rootOf(c), imports, pasted, refusal }
  const status = refusal === null ? 200 : 422
  return page(c, { title: 'Import rules', trail: trailOf(c), status }, <ImportPage {...props} />)
}

// A field of files sends an empty one when nothing was chosen.
const Files = z
  .union([z.array(z.instanceof(File)), z.instanceof(File).transform((file) => [file])])
  .default([])
  .transform((files) => files.filter((file) => file.size > 0 || file.name !== ''))

const BringForm = z.strictObject({
  files: Files,
  folder: Files,
  pasted: z.string().max(RULE_BYTES_MAX).default(''),
})

async function bring(c: HttpContext): Promise<Response> {
  const { files, folder, pasted } = await readForm(c, BringForm)
  try {
    const sent = [...files, ...folder]
    const read = await readFiles(sent)
    const all = pasted.trim() === '' ? read : [...read, { path: 'pasted', text: pasted }]
    const [only] = sent
    const source =
      sent.length === 1 && pasted.trim() === ''
        ? only!.name
        : sent.length === 0
          ? 'a pasted text'
          : `${all.length} files`
    const id = await previewImport(c.var.house, callerOf(c), { source, files: all })
    return goTo(c, `${rootOf(c)}/${id}`)
  } catch (error) {
    const codes = ['invalid', 'too_large', 'unsupported']
    if (!(error instanceof AppError) || !codes.includes(error.code)) throw error
    return showImports(c, pasted, error.message)
  }
}

const UTF8 = new TextDecoder('utf-8')
const ARCHIVE = /\.zip$/i
/** A file on its own may hold the rules of a whole product. */
const FILE_BYTES_MAX = 16 * 1024 * 1024
/** What archives of repositories hold beside rules. */
const RULE_FILE = /\.(?:ya?ml|conf|json|ndjson)$/i

/** A file that is larger than a rule may be is told as such, and stops no other. */
const CAPS = {
  filesMax: ZIP_FILES_MAX,
  fileBytesMax: RULE_BYTES_MAX,
  unpackedBytesMax: ZIP_UNPACKED_BYTES_MAX,
}

function readEntry(entry: ZipFile): FileToSplit {
  if (entry.sizeBytes > RULE_BYTES_MAX) return tooLarge(entry.name)
  return { path: entry.name, text: UTF8.decode(entry.read()) }
}

function tooLarge(path: string): FileToSplit {
  const refusal = 'This file is larger than any rule: it was not read.'
  return { path, text: '', refusal }
}

async function readFiles(files: readonly File[]): Promise<readonly FileToSplit[]> {
  const read: FileToSplit[] = []
  for (const file of files) {
    const isArchive = ARCHIVE.test(file.name)
    if (!isArchive && file.size > FILE_BYTES_MAX) {
      read.push(tooLarge(file.name))
      continue
    }
    const bytes = Buffer.from(await file.arrayBuffer())
    if (!isArchive) {
      read.push({ path: file.name, text: UTF8.decode(bytes) })
      continue
    }
    for await (const entry of inTurns(readZip(bytes, CAPS))) {
      if (RULE_FILE.test(entry.name)) read.push(readEntry(entry))
    }
  }
  if (read.length > ZIP_FILES_MAX) {
    throw new AppError('too_large', `Send at most ${ZIP_FILES_MAX} files at once.`)
  }
  return read.toSorted((a, b) => (a.path < b.path ? -1 : a.path > b.path ? 1 : 0))
}

const ITEMS_SHOWN = 50
const RESULTS = ['created', 'saved', 'same', 'skipped', 'refused'] as const
const ShowQuery = z.object({
  finding: z.enum(FINDINGS).optional().catch(undefined),
  result: z.enum(RESULTS).optional().catch(undefined),
  cursor: z.string().max(2_000).optional().catch(undefined),
})

async function showImport(c: HttpContext): Promise<Response> {
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
    jobs: `${placeOf(c)}/jobs`,
    finding: query.finding ?? null,
    result: query.result ?? null,
    cursor: query.cursor ?? null,
  }
  const trail = [...trailOf(c), { label: 'Import', href: rootOf(c) }]
  return page(c, { title: shown.found.source, trail }, <ImportShownPage {...props} />)
}

const StartForm = z.strictObject({
  conflicts: z.enum(CONFLICT_CHOICES).default('keep'),
  whole: z.literal('on').optional(),
})

async function start(c: HttpContext): Promise<Response> {
  const id = readId(c, 'imp')
  await getImport(c.var.house, callerOf(c), id)
  const { conflicts, whole } = await readForm(c, StartForm)
  const wish = { conflicts, isAllOrNothing: whole === 'on' }
  await startImport(c.var.house, callerOf(c), id, wish)
  return changed(c, { redirect: `${rootOf(c)}/${id}`, notice: 'The import has begun.' })
}
