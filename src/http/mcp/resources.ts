// What a client may put before its model without a call: the rules of the workspace, and the texts that
// ship with the product. Read through the same tools, so that verb, budget and log are the same.

import {
  ResourceNotFoundError,
  type ListResourcesResult,
  type ReadResourceResult,
} from '@modelcontextprotocol/server'
import { z } from 'zod'
import { assert } from '#kernel/error.ts'
import { embedded } from '#platform/embedded.ts'
import type { Toolbox } from './call.ts'

const DOCS = /^[a-z-]+\.md$/

const RulePage = z.object({
  items: z.array(z.object({ id: z.string(), title: z.string(), updatedAt: z.string() })),
  next: z.string().nullable(),
})
const RuleText = z.object({ text: z.string() })

/** The texts first, then the rules by title, page by page. */
export async function listResources(
  box: Toolbox,
  cursor: string | undefined,
): Promise<ListResourcesResult> {
  const docs = cursor === undefined ? listDocs() : []
  if (!box.has('list_rules')) return { resources: [...docs] }
  const given = { limit: 100, ...(cursor !== undefined && { cursor }) }
  const { items, next } = RulePage.parse(await box.ask('list_rules', given))
  const rules = items.map(({ id, title, updatedAt }) => ({
    uri: `rule://${id}`,
    name: id,
    title,
    mimeType: 'application/yaml',
    annotations: { lastModified: updatedAt },
    _meta: { untrusted: ['title'] },
  }))
  return { resources: [...docs, ...rules], ...(next !== null && { nextCursor: next }) }
}

export const RESOURCE_TEMPLATES = [
  {
    uriTemplate: 'rule://{id}',
    name: 'rule',
    title: 'A rule of the workspace',
    mimeType: 'application/yaml',
  },
  {
    uriTemplate: 'rule://{id}/versions/{n}',
    name: 'rule_version',
    title: 'A version of a rule',
    mimeType: 'application/yaml',
  },
  {
    uriTemplate: 'docs://{name}',
    name: 'docs',
    title: 'A text about the product',
    mimeType: 'text/markdown',
  },
]

const ADDRESS = /^(rule|docs):\/\/([\w-]{1,100})(?:\/versions\/([1-9]\d{0,8}))?$/

/** Rejects as not found for every address that names nothing this token may read. */
export async function readResource(box: Toolbox, uri: string): Promise<ReadResourceResult> {
  const [, kind, name, n] = ADDRESS.exec(uri) ?? []
  if (kind === 'docs' && listDocs().some((doc) => doc.uri === uri)) {
    const text = embedded.read(`docs/${name}.md`).toString('utf8')
    return { contents: [{ uri, mimeType: 'text/markdown', text }] }
  }
  const tool = n === undefined ? 'get_rule' : 'get_rule_version'
  if (kind !== 'rule' || !box.has(tool)) throw new ResourceNotFoundError(uri)
  const answer = await box.ask(tool, { id: name, ...(n !== undefined && { n: Number(n) }) })
  const { text } = RuleText.parse(answer)
  return { contents: [{ uri, mimeType: 'application/yaml', text, _meta: { untrusted: true } }] }
}

let docs: ReturnType<typeof readDocs> | undefined

export function listDocs(): ReturnType<typeof readDocs> {
  return (docs ??= readDocs())
}

function readDocs() {
  const files = embedded.list('docs').filter((file) => DOCS.test(file))
  return files.map((file) => {
    const name = file.slice(0, -'.md'.length)
    const text = embedded.read(`docs/${file}`)
    const [title] = /^# (.+)$/m.exec(text.toString('utf8'))?.slice(1) ?? []
    assert(title, `docs/${file} has a title`)
    return { uri: `docs://${name}`, name, title, mimeType: 'text/markdown', size: text.length }
  })
}
