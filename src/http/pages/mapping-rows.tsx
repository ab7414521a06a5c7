// The forms of single rows of a mapping: a field, a log source, and taking one out again.

import { z } from 'zod'
import { editDraft } from '#domain/mappings/drafts.ts'
import { FieldRow, SourceRow, type LogSourceKeys } from '#domain/mappings/input.ts'
import type { MappingContent } from '#domain/mappings/mapping.ts'
import {
  isSameSource,
  putField,
  putSource,
  readTable,
  removeField,
  removeSource,
  removeStep,
} from '#domain/mappings/table.ts'
import { FieldPage, SourcePage } from '#views/mappings/row-pages.tsx'
import { callerOf } from '#http/caller.ts'
import type { HttpContext } from '#http/env.ts'
import { problemsByField, readForm, readQuery } from '#http/input.ts'
import { changed, page } from '#http/respond.tsx'
import { conditionsIn, conditionsText, linesIn, Over, refusalOf } from './mapping-form.ts'
import { headOf, pathOf, see, trailOf } from './mapping-frame.ts'

const Key = z.string().max(100).optional()
const Keys = { product: Key, category: Key, service: Key }
const FieldQuery = z.object({ ...Keys, field: z.string().max(300).optional() })
const SourceQuery = z.object(Keys)

type Typed = Readonly<Record<string, string>>

interface TypedKeys {
  readonly product?: string | undefined
  readonly category?: string | undefined
  readonly service?: string | undefined
}

/** What is empty is not said. */
function keysOf({ product, category, service }: TypedKeys): LogSourceKeys {
  return {
    ...(product?.trim() && { product: product.trim() }),
    ...(category?.trim() && { category: category.trim() }),
    ...(service?.trim() && { service: service.trim() }),
  }
}

export async function showField(c: HttpContext): Promise<Response> {
  const { content, target, draft } = await see(c)
  const { field, ...keys } = readQuery(c, FieldQuery)
  const logsource = keysOf(keys)
  const { fields } = readTable(content.document, target.kind)
  const row = fields.find((one) => one.field === field && isSameSource(one.logsource, logsource))
  const typed = {
    ...logsource,
    field: field ?? '',
    to: row?.to.join('\n') ?? '',
    over: String(draft?.revision ?? 0),
  }
  return showForm(c, target.name, { what: 'field', typed, isThere: row !== undefined })
}

interface RowForm {
  readonly what: 'field' | 'log source'
  readonly typed: Typed
  /** False for a row that is not in the table yet. */
  readonly isThere: boolean
  readonly problems?: Typed
}

async function showForm(
  c: HttpContext,
  name: string,
  { what, typed, isThere, problems = {} }: RowForm,
): Promise<Response> {
  const props = { ...(await headOf(c)), mapping: pathOf(c), typed, problems, isThere }
  const options = {
    title: `${isThere ? 'Change' : 'Add'} a ${what}`,
    trail: trailOf(c, name, true),
    status: Object.keys(problems).length > 0 ? (422 as const) : (200 as const),
  }
  return page(c, options, what === 'field' ? <FieldPage {...props} /> : <SourcePage {...props} />)
}

const Form = z.record(z.string().max(64), z.string().max(70_000))

export async function writeField(c: HttpContext): Promise<Response> {
  const { target } = await see(c)
  const typed = await readForm(c, Form)
  const isThere = typed['wasField'] !== undefined
  const { field, to = '' } = typed
  const parsed = FieldRow.safeParse({ logsource: keysOf(typed), field, to: linesIn(to) })
  if (!parsed.success) {
    const problems = problemsByField(parsed.error, FIELD_WORDS)
    return showForm(c, target.name, { what: 'field', typed, isThere, problems })
  }
  const was = isThere ? { field: typed['wasField']!, logsource: wasKeys(typed) } : undefined
  try {
    await editDraft(c.var.house, callerOf(c), target, {
      over: Over.parse(typed['over']),
      change: (content) => ({
        ...content,
        document: putField(content.document, parsed.data, was),
      }),
    })
  } catch (error) {
    const problems = { field: refusalOf(error) }
    return showForm(c, target.name, { what: 'field', typed, isThere, problems })
  }
  return changed(c, { redirect: pathOf(c), notice: `${parsed.data.field} is in the draft.` })
}

const FIELD_WORDS = { field: 'The field', to: 'What it is called', logsource: 'The log source' }

function wasKeys(typed: Typed): LogSourceKeys {
  const { wasProduct = '', wasCategory = '', wasService = '' } = typed
  return keysOf({ product: wasProduct, category: wasCategory, service: wasService })
}

export async function showSource(c: HttpContext): Promise<Response> {
  const { content, target, draft } = await see(c)
  const logsource = keysOf(readQuery(c, SourceQuery))
  const { sources } = readTable(content.document, target.kind)
  const row = sources.find((one) => isSameSource(one.logsource, logsource))
  const typed = {
    ...logsource,
    places: row?.places.join('\n') ?? '',
    conditions: conditionsText(row?.conditions ?? {}),
    isReplacing: row?.isReplacing ? 'yes' : 'no',
    over: String(draft?.revision ?? 0),
  }
  return showForm(c, target.name, { what: 'log source', typed, isThere: row !== undefined })
}

export async function writeSource(c: HttpContext): Promise<Response> {
  const { target } = await see(c)
  const typed = await readForm(c, Form)
  const isThere = typed['isThere'] === 'yes'
  const parsed = SourceRow.safeParse({
    logsource: keysOf(typed),
    isReplacing: typed['isReplacing'] === 'yes',
    places: linesIn(typed['places'] ?? ''),
    conditions: conditionsIn(typed['conditions'] ?? ''),
  })
  if (!parsed.success) {
    const problems = problemsByField(parsed.error, SOURCE_WORDS)
    const { logsource, ...others } = problems
    const shown = logsource === undefined ? others : { product: logsource, ...others }
    return showForm(c, target.name, { what: 'log source', typed, isThere, problems: shown })
  }
  try {
    await editDraft(c.var.house, callerOf(c), target, {
      over: Over.parse(typed['over']),
      change: (content) => ({
        ...content,
        document: putSource(
          content.document,
          target.kind,
          parsed.data,
          isThere ? wasKeys(typed) : undefined,
        ),
      }),
    })
  } catch (error) {
    const problems = { product: refusalOf(error) }
    return showForm(c, target.name, { what: 'log source', typed, isThere, problems })
  }
  return changed(c, { redirect: pathOf(c), notice: 'The log source is in the draft.' })
}

const SOURCE_WORDS = {
  logsource: 'The log source',
  places: 'One of them',
  conditions: 'One of them',
}

const RemovalForm = z.strictObject({
  over: Over,
  kind: z.enum(['field', 'source', 'step']),
  ...Keys,
  field: z.string().max(300).optional(),
  at: z.coerce.number().int().min(0).optional(),
})

export async function removeRow(c: HttpContext): Promise<Response> {
  const { target } = await see(c)
  const { over, kind, field = '', at = -1, ...keys } = await readForm(c, RemovalForm)
  const logsource = keysOf(keys)
  const change = (content: MappingContent): MappingContent => {
    const { document } = content
    if (kind === 'field')
      return { ...content, document: removeField(document, { field, logsource }) }
    if (kind === 'step') return { ...content, document: removeStep(document, at) }
    return { ...content, document: removeSource(document, target.kind, logsource) }
  }
  await editDraft(c.var.house, callerOf(c), target, { over, change })
  return changed(c, { redirect: pathOf(c), notice: 'It is out of the draft.' })
}
