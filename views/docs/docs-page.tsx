// The documentation that ships with the product, and the API as its document says it.

import type { Block } from '#languages/markdown/parse.ts'
import { Badge } from '#views/parts/badge.tsx'
import { SearchBox } from '#views/parts/field.tsx'
import { count } from '#views/parts/format.ts'
import { Markdown } from '#views/parts/markdown.tsx'

export interface DocLink {
  readonly href: string
  readonly title: string
  readonly isCurrent: boolean
}

export interface DocShelf {
  readonly name: string
  readonly links: readonly DocLink[]
}

/** One text, with the list of all beside it. */
export const DocsPage = (props: {
  shelves: readonly DocShelf[]
  blocks: readonly Block[]
  /** Its parts, where it has so many that one looks for them. */
  parts: readonly { readonly id: string; readonly heading: string }[]
}) => (
  <div class="docs">
    <DocsNav shelves={props.shelves} />
    <article class="doc">
      <Markdown blocks={props.blocks.slice(0, 1)} />
      {props.parts.length > 0 && (
        <nav class="doc-parts small" aria-label="On this page">
          {props.parts.map(({ id, heading }) => (
            <a href={`#${id}`}>{heading}</a>
          ))}
        </nav>
      )}
      <Markdown blocks={props.blocks.slice(1)} />
    </article>
  </div>
)

export interface ShownFound {
  readonly hits: readonly {
    readonly href: string
    readonly title: string
    readonly heading: string
    readonly excerpt: string
  }[]
  /** There were more. */
  readonly isCut: boolean
  readonly insteadOf: string | null
  readonly others: readonly string[]
}

/** Where words stand in the texts. */
export const DocsFoundPage = (props: {
  shelves: readonly DocShelf[]
  question: string
  found: ShownFound
}) => (
  <div class="docs">
    <DocsNav shelves={props.shelves} question={props.question} />
    <article class="doc">
      <h1>Documentation</h1>
      {props.question !== '' && <FoundNote question={props.question} found={props.found} />}
      <ol class="doc-hits">
        {props.found.hits.map(({ href, title, heading, excerpt }) => (
          <li>
            <a href={href} data-row>
              {title}
              {heading !== '' && `: ${heading}`}
            </a>
            <p class="muted small">{excerpt}</p>
          </li>
        ))}
      </ol>
    </article>
  </div>
)

const FoundNote = ({ question, found }: { question: string; found: ShownFound }) => {
  const { hits, isCut, insteadOf, others } = found
  if (insteadOf !== null) {
    return (
      <p role="status">
        Nothing is said of <strong>{question}</strong>. This is said of <strong>{insteadOf}</strong>
        :
      </p>
    )
  }
  if (hits.length > 0) {
    return (
      <p class="muted" role="status">
        {isCut
          ? `The first ${hits.length}; another word tells them apart.`
          : count(hits.length, 'part')}
      </p>
    )
  }
  return (
    <>
      <p role="status">
        Nothing is said of <strong>{question}</strong>. All words must stand together under one
        heading.
      </p>
      {others.length > 0 && (
        <p>
          Something is said of{' '}
          {others.map((other, at) => (
            <>
              {at > 0 && ', '}
              <a href={`/docs/find?${new URLSearchParams({ q: other }).toString()}`}>{other}</a>
            </>
          ))}
          .
        </p>
      )}
    </>
  )
}

const DocsNav = (props: { shelves: readonly DocShelf[]; question?: string }) => (
  <>
    <form class="docs-find" action="/docs/find" role="search">
      <SearchBox label="Find in the docs" name="q" value={props.question ?? ''} data-keys="/" />
    </form>
    <nav class="docs-nav" aria-label="Documentation">
      {props.shelves.map(({ name, links }) => (
        <section>
          <h2>{name}</h2>
          <ul>
            {links.map((link) => (
              <li>
                <a href={link.href} aria-current={link.isCurrent ? 'page' : undefined}>
                  {link.title}
                </a>
              </li>
            ))}
          </ul>
        </section>
      ))}
    </nav>
  </>
)

export interface ShownOperation {
  /** Unique on the page. */
  readonly id: string
  readonly method: string
  readonly path: string
  readonly about: readonly Block[]
  /** To copy: `$TOKEN` is the token, other variables what only the reader knows. */
  readonly curl: string
  /** The verb that scopes and role must leave to the token. */
  readonly permission: string
  readonly parameters: readonly {
    readonly name: string
    readonly isRequired: boolean
    readonly rule: string
  }[]
  readonly body: ShownSchema | null
  readonly answer: ShownSchema | null
}

/** JSON Schema as text, or the operation of the page that has it already. */
export type ShownSchema =
  | { readonly kind: 'schema'; readonly text: string }
  | { readonly kind: 'told'; readonly at: ToldAt }

export interface ToldAt {
  readonly id: string
  readonly label: string
}

/** Every operation of the API, as the OpenAPI document has it. */
export const ApiPage = (props: {
  shelves: readonly DocShelf[]
  about: readonly Block[]
  documentUrl: string
  nouns: readonly { readonly noun: string; readonly operations: readonly ListedOperation[] }[]
}) => (
  <div class="docs">
    <DocsNav shelves={props.shelves} />
    <article class="doc">
      <h1>API</h1>
      <Markdown blocks={props.about} />
      <p>
        How errors, pages and repeats work is in <a href="/docs/api">the guide</a>; for generators
        there is the <a href={props.documentUrl}>OpenAPI 3.1 document</a>.
      </p>
      {props.nouns.map(({ noun, operations }) => (
        <section aria-labelledby={`noun-${noun}`}>
          <h2 id={`noun-${noun}`}>
            <a href={`/api/${noun}`}>{noun}</a>
          </h2>
          <ul>
            {operations.map(({ id, method, path, summary }) => (
              <li>
                <a href={`/api/${noun}#${id}`}>
                  <code>
                    {method} {path}
                  </code>
                </a>{' '}
                <span class="muted">{summary}</span>
              </li>
            ))}
          </ul>
        </section>
      ))}
    </article>
  </div>
)

export interface ListedOperation {
  readonly id: string
  readonly method: string
  readonly path: string
  readonly summary: string
}

export const ApiNounPage = (props: {
  shelves: readonly DocShelf[]
  noun: string
  operations: readonly ShownOperation[]
}) => (
  <div class="docs">
    <DocsNav shelves={props.shelves} />
    <article class="doc">
      <h1>API: {props.noun}</h1>
      <p>
        <a href="/api">All operations</a>. In the examples <code>$TOKEN</code> is{' '}
        <a href="/docs/api#coming-in">a token</a>, and any other word after <code>$</code> is yours
        to fill in.
      </p>
      {props.operations.map((shown) => (
        <OperationPart shown={shown} />
      ))}
    </article>
  </div>
)

const OperationPart = ({ shown }: { shown: ShownOperation }) => (
  <section id={shown.id} aria-labelledby={`title-${shown.id}`}>
    <h2 id={`title-${shown.id}`}>
      <code>
        {shown.method} {shown.path}
      </code>
    </h2>
    <Markdown blocks={shown.about} />
    <p class="row-s">
      <span class="muted small">needs</span> <Badge>{shown.permission}</Badge>
    </p>
    <pre class="curl" tabindex={0}>
      <code>{shown.curl}</code>
    </pre>
    {shown.parameters.length > 0 && (
      <ul>
        {shown.parameters.map(({ name, isRequired, rule }) => (
          <li>
            <code>{name}</code> {isRequired && <span class="muted small">required</span>}{' '}
            <span class="mono small break">{rule}</span>
          </li>
        ))}
      </ul>
    )}
    {shown.body !== null && <SchemaPart title="Send" schema={shown.body} />}
    {shown.answer !== null && <SchemaPart title="Answer" schema={shown.answer} />}
  </section>
)

const SchemaPart = ({ title, schema }: { title: string; schema: ShownSchema }) =>
  schema.kind === 'told' ? (
    <p class="small">
      {title}: as in <a href={`#${schema.at.id}`}>{schema.at.label}</a>
    </p>
  ) : (
    <details>
      <summary>{title}</summary>
      <pre tabindex={0}>
        <code>{schema.text}</code>
      </pre>
    </details>
  )
