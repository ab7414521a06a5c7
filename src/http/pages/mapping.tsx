// What one target calls things: the two tables, the draft that edits go to, files in and out, versions.
// Every edit names the revision of the draft it was made over.

import { z } from 'zod'
import { namesOf } from '#domain/access/names.ts'
import { can } from '#domain/access/permission.ts'
import { getMappingVersion, listMappingVersions } from '#domain/mappings/actions.ts'
import { writeDocument } from '#domain/mappings/document.ts'
import { discardDraft, editDraft, importDocument, saveDraft } from '#domain/mappings/drafts.ts'
import { PipelineNames, Reason } from '#domain/mappings/input.ts'
import { FITTING, NO_MAPPING } from '#domain/mappings/mapping.ts'
import { readTable } from '#domain/mappings/table.ts'
import { countListed } from '#domain/rules/reading.ts'
import { startRecompiling } from '#domain/rules/renders/recompile.ts'
import { AppError } from '#kernel/error.ts'
import { MappingPage } from '#views/mappings/mapping-page.tsx'
import { MappingVersionsPage } from '#views/mappings/versions-page.tsx'
import { Files } from '#http/brought.ts'
import { callerOf } from '#http/caller.ts'
import type { HttpContext } from '#http/env.ts'
import { placeOf } from '#http/frame.ts'
import { readForm, readQuery } from '#http/input.ts'
import { changed, page } from '#http/respond.tsx'
import { Over, refusalOf } from './mapping-form.ts'
import { headOf, pathOf, see, trailOf, type Seen } from './mapping-frame.ts'

const ShowQuery = z.object({ q: z.string().max(200).default('').catch('') })

export async function showMapping(c: HttpContext): Promise<Response> {
  return showWith(c, await see(c))
}

interface Said {
  readonly text?: string
  readonly problems?: readonly string[]
}

async function showWith(c: HttpContext, seen: Seen, brought: Said = {}): Promise<Response> {
  const { q } = readQuery(c, ShowQuery)
  const { target, mapping, draft, content } = seen
  const { sources, fields, others } = readTable(content.document, target.kind)
  const words = q.toLowerCase().split(/\s+/)
  const isFound = (row: unknown) => {
    const text = JSON.stringify(row).toLowerCase()
    return words.every((word) => text.includes(word))
  }
  const actors = [mapping?.createdBy, draft?.changedBy].filter((one) => one !== undefined)
  const shown = {
    path: pathOf(c),
    q,
    mapping,
    draft,
    names: await namesOf(c.var.house, callerOf(c), actors),
    pipelines: content.pipelines,
    fitting: FITTING[target.kind],
    priority: content.document.priority ?? 0,
    sources: sources.filter(isFound),
    fields: fields.filter(isFound),
    others,
    pending: { path: `${placeOf(c)}/rules?renders=pending`, count: await countPending(c) },
    mayWrite: can(callerOf(c), 'mapping.write'),
    brought,
  }
  const props = { ...(await headOf(c)), shown }
  const status = brought.problems ? 422 : 200
  const trail = trailOf(c, target.name)
  return page(c, { title: 'Mapping', trail, status }, <MappingPage {...props} />)
}

async function countPending(c: HttpContext): Promise<number> {
  const caller = callerOf(c)
  if (!can(caller, 'rule.read')) return 0
  return countListed(c.var.house, caller, { renders: 'pending' })
}

/** What is pending anywhere: a rule is compiled for all places at once. */
export async function compilePending(c: HttpContext): Promise<Response> {
  await see(c)
  await readForm(c, z.strictObject({}))
  await startRecompiling(c.var.house, callerOf(c))
  return changed(c, { redirect: pathOf(c), notice: 'Pending rules are being compiled.' })
}

// ── The choice of pipelines ──────────────────────────────────────────────────────────────────────

const PipelinesForm = z.strictObject({
  over: Over,
  pipelines: z.union([PipelineNames, PipelineNames.element.transform((one) => [one])]).default([]),
  priority: z.coerce.number().int().min(-1_000).max(1_000),
})

export async function choosePipelines(c: HttpContext): Promise<Response> {
  const { target } = await see(c)
  const { over, pipelines, priority } = await readForm(c, PipelinesForm)
  const [usual] = FITTING[target.kind]
  const isUsual = pipelines.length === 1 && pipelines[0] === usual
  await editDraft(c.var.house, callerOf(c), target, {
    over,
    change: ({ document }) => ({
      pipelines: isUsual ? [] : pipelines,
      document: { ...document, priority },
    }),
  })
  return changed(c, { redirect: pathOf(c), notice: 'The choice is in the draft.' })
}

// ── The whole ────────────────────────────────────────────────────────────────────────────────────

const FileQuery = z.object({ of: z.enum(['draft', 'force']).default('force').catch('force') })

/** A YAML file in the community's format. */
export async function giveFile(c: HttpContext): Promise<Response> {
  const { target, mapping, draft } = await see(c)
  const { of } = readQuery(c, FileQuery)
  const { document } = (of === 'draft' ? draft : mapping) ?? NO_MAPPING
  c.header('Content-Type', 'application/yaml; charset=utf-8')
  c.header('Content-Disposition', `attachment; filename="mapping-${target.id}.yml"`)
  return c.body(writeDocument(document))
}

const FileForm = z.strictObject({ over: Over, files: Files, text: z.string().max(300_000) })

export async function bringFile(c: HttpContext): Promise<Response> {
  const seen = await see(c)
  const { over, files, text: pasted } = await readForm(c, FileForm)
  const [file] = files.filter(({ size }) => size > 0)
  const text = file === undefined ? pasted : await file.text()
  try {
    await importDocument(c.var.house, callerOf(c), seen.target, { over, text })
  } catch (error) {
    const problems = problemsOf(error)
    return showWith(c, seen, { text: pasted, problems })
  }
  return changed(c, { redirect: pathOf(c), notice: 'The pipeline is in the draft.' })
}

function problemsOf(error: unknown): readonly string[] {
  const message = refusalOf(error)
  const problems: unknown = error instanceof AppError ? error.details?.['problems'] : undefined
  if (!Array.isArray(problems)) return [message]
  return problems.map((one: { readonly message: string }) => one.message)
}

const SaveForm = z.strictObject({ over: Over, reason: Reason })

export async function save(c: HttpContext): Promise<Response> {
  const { target } = await see(c)
  const input = await readForm(c, SaveForm)
  const { number } = await saveDraft(c.var.house, callerOf(c), target, input)
  return changed(c, { redirect: pathOf(c), notice: `Version ${number} is in force.` })
}

export async function discard(c: HttpContext): Promise<Response> {
  const { target } = await see(c)
  await discardDraft(c.var.house, callerOf(c), target.id)
  return changed(c, { redirect: pathOf(c), notice: 'The draft is gone.' })
}

const VERSIONS_SHOWN = 50
const VersionsQuery = z.object({ cursor: z.string().max(2_000).optional().catch(undefined) })

export async function showVersions(c: HttpContext): Promise<Response> {
  const { house } = c.var
  const caller = callerOf(c)
  const { target, draft } = await see(c)
  const { cursor } = readQuery(c, VersionsQuery)
  const list = await listMappingVersions(house, caller, target.id, {
    limit: VERSIONS_SHOWN,
    cursor,
  })
  const props = {
    ...(await headOf(c)),
    mapping: pathOf(c),
    versions: list.items,
    next: list.next,
    isFirst: cursor === undefined,
    over: draft?.revision ?? 0,
    names: await namesOf(
      house,
      caller,
      list.items.map(({ createdBy }) => createdBy),
    ),
    mayEdit: can(caller, 'mapping.write'),
  }
  const trail = trailOf(c, target.name, true)
  return page(c, { title: 'Versions', trail }, <MappingVersionsPage {...props} />)
}

const TakeForm = z.strictObject({ over: Over, version: z.coerce.number().int().min(1) })

/** Into the draft, where it can be looked at before it is in force. */
export async function takeVersion(c: HttpContext): Promise<Response> {
  const { target } = await see(c)
  const { over, version } = await readForm(c, TakeForm)
  const caller = callerOf(c)
  const { pipelines, document } = await getMappingVersion(c.var.house, caller, target.id, version)
  const change = () => ({ pipelines, document })
  await editDraft(c.var.house, caller, target, { over, change })
  return changed(c, { redirect: pathOf(c), notice: `Version ${version} is in the draft.` })
}
