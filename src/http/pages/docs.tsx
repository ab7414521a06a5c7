// `/docs`: the texts that ship with the product; `/api`: the API as its document says it. Open to all,
// because who cannot come in needs them most, and because nothing of this instance is in them. The
// routes load this file with the first reader.

import { AppError } from '#kernel/error.ts'
import { plainText, type Block } from '#languages/markdown/parse.ts'
import type { Embedded } from '#platform/embedded.ts'
import {
  ApiNounPage,
  ApiPage,
  DocsFoundPage,
  DocsPage,
  type DocShelf,
  type ShownOperation,
  type ShownSchema,
  type ToldAt,
} from '#views/docs/docs-page.tsx'
import { API_ABOUT, type DocumentedOperation, type OpenApiDocument } from '#http/api/document.ts'
import { API_BASE } from '#http/api/operation.ts'
import { apiDocument } from '#http/api/operations.ts'
import type { HttpContext } from '#http/env.ts'
import { paperPage } from '#http/respond.tsx'
import { curlOf } from './api-curl.ts'
import { parseDoc, readDocs, type Shelf } from './docs-library.ts'
import { HITS_MAX, type DocsSearch } from './docs-search.ts'

export interface DocsPages {
  /** The first text where none is named. */
  readonly showDoc: (c: HttpContext, page?: string) => Response
  /** Where the words of `?q=` stand. */
  readonly findDocs: (c: HttpContext) => Response
  /** All of it at a glance, or the part about one noun. */
  readonly showApi: (c: HttpContext, noun?: string) => Response
}

export function openDocs(files: Pick<Embedded, 'list' | 'read'>, search: DocsSearch): DocsPages {
  const shelves = readDocs(files)
  return {
    showDoc: (c, name) => showDoc(c, shelves, name),
    findDocs: (c) => findDocs(c, shelves, search),
    showApi: (c, noun) => showApi(c, shelves, apiDocument(), noun),
  }
}

/** What stands beside every text; `path` is the one that is open. */
function shelvesOf(shelves: readonly Shelf[], path: string): readonly DocShelf[] {
  const linked = shelves.map(({ name, docs }) => ({
    name,
    links: docs.map(({ slug, title }) => ({ href: `/docs/${slug}`, title })),
  }))
  return [...linked, { name: 'Reference', links: [{ href: '/api', title: 'API reference' }] }].map(
    ({ name, links }) => ({
      name,
      links: links.map((link) => ({ ...link, isCurrent: link.href === path })),
    }),
  )
}

function showDoc(c: HttpContext, shelves: readonly Shelf[], page: string | undefined): Response {
  const docs = shelves.flatMap((shelf) => shelf.docs)
  const doc = page === undefined ? docs[0] : docs.find(({ slug }) => slug === page)
  if (!doc) throw new AppError('not_found', 'There is no such page.')
  const beside = shelvesOf(shelves, `/docs/${doc.slug}`)
  const blocks = parseDoc(doc.text)
  const shown = { shelves: beside, blocks, parts: partsBelow(blocks) }
  return paperPage(c, doc.title, <DocsPage {...shown} />)
}

/** Fewer are seen at a glance. */
const PARTS_MIN = 4

function partsBelow(blocks: readonly Block[]): readonly { id: string; heading: string }[] {
  const parts = blocks.flatMap((block) =>
    block.kind === 'heading' && block.level === 2
      ? [{ id: block.id, heading: plainText(block.children) }]
      : [],
  )
  return parts.length < PARTS_MIN ? [] : parts
}

const QUESTION_MAX = 200

function findDocs(c: HttpContext, shelves: readonly Shelf[], search: DocsSearch): Response {
  const question = (c.req.query('q') ?? '').trim().slice(0, QUESTION_MAX).toWellFormed()
  const found = search.find(question)
  const beside = shelvesOf(shelves, '')
  const shown = { ...found, isCut: found.hits.length === HITS_MAX }
  return paperPage(
    c,
    'Documentation',
    <DocsFoundPage shelves={beside} question={question} found={shown} />,
  )
}

/** The list of all operations, or everything about those of one noun. */
function showApi(
  c: HttpContext,
  shelves: readonly Shelf[],
  document: OpenApiDocument,
  noun: string | undefined,
): Response {
  const beside = shelvesOf(shelves, '/api')
  const nouns = Map.groupBy(
    Object.entries(document.paths).flatMap(([path, methods]) =>
      Object.entries(methods).map(([method, one]) => ({ path, method, one })),
    ),
    ({ path }) => nounOf(path),
  )
  if (noun === undefined) {
    const shown = {
      shelves: beside,
      about: parseDoc(API_ABOUT),
      documentUrl: `${API_BASE}/openapi.json`,
      nouns: [...nouns].map(([name, operations]) => ({
        noun: name,
        operations: operations.map(({ path, method, one }) => ({
          id: one.operationId,
          method: method.toUpperCase(),
          path,
          summary: one.summary,
        })),
      })),
    }
    return paperPage(c, 'API', <ApiPage {...shown} />)
  }
  const operations = nouns.get(noun)
  if (!operations) throw new AppError('not_found', 'There is no such page.')
  const tell = schemaTeller(document)
  const shown = {
    shelves: beside,
    noun,
    operations: operations.map((one) => ({
      ...showOperation(tell, one),
      curl: curlOf(`${c.var.publicUrl}${API_BASE}`, one),
    })),
  }
  return paperPage(c, `API: ${noun}`, <ApiNounPage {...shown} />)
}

/** `/rules/{id}/versions` is about rules. */
const nounOf = (path: string) =>
  path
    .replace(API_BASE, '')
    .split('/')
    .find((part) => part !== '') ?? ''

function showOperation(
  tell: SchemaTeller,
  { path, method, one }: { path: string; method: string; one: DocumentedOperation },
): Omit<ShownOperation, 'curl'> {
  const at = { id: one.operationId, label: `${method.toUpperCase()} ${path}` }
  return {
    id: one.operationId,
    method: method.toUpperCase(),
    path,
    about: parseDoc(`${one.summary}. ${one.description ?? ''}`),
    permission: one['x-permission'],
    parameters: one.parameters
      .filter((parameter) => parameter.in !== 'header' || parameter.required)
      .map(({ name, required, schema }) => ({
        name,
        isRequired: required,
        rule: Object.entries(schema)
          .filter(([key]) => key !== '$schema')
          .map(([key, value]) => `${key} ${plain(value)}`)
          .join(', '),
      })),
    body: tell(one.requestBody, at),
    answer: tell(Object.values(one.responses)[0], at),
  }
}

const plain = (value: unknown): string =>
  typeof value === 'string' ? value : JSON.stringify(value)

/** Says a schema in full where it is met first on a page, and leads there afterwards. */
type SchemaTeller = (holder: object | undefined, operation: ToldAt) => ShownSchema | null

function schemaTeller(document: OpenApiDocument): SchemaTeller {
  const places = new Map<string, ToldAt>()
  return (holder, operation) => {
    const text = JSON.stringify(holder ?? {})
    const name = /"\$ref":"#\/components\/schemas\/(\w+)"/.exec(text)?.[1]
    if (name === undefined) return null
    const place = places.get(name)
    if (place !== undefined) return { kind: 'told', at: place }
    places.set(name, operation)
    return { kind: 'schema', text: JSON.stringify(document.components.schemas[name], null, 1) }
  }
}
