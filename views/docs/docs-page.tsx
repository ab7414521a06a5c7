// The documentation that ships with the product, and the API as its document says it.

import type { Block } from '#languages/markdown/parse.ts'
import { Badge } from '#views/parts/badge.tsx'
import { SearchBox } from '#views/parts/field.tsx'
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
export const DocsPage = (props: { shelves: readonly DocShelf[]; blocks: readonly Block[] }) => (
  <div class="docs">
    <DocsNav shelves={props.shelves} />
    <article class="doc">
      <Markdown blocks={props.blocks} />
    </article>
  </div>
)

/** Where words stand in the texts. */
export const DocsFoundPage = (props: {
  shelves: readonly DocShelf[]
  question: string
  hits: readonly {
    readonly href: string
    readonly title: string
    readonly heading: string
    readonly excerpt: string
  }[]
}) => (
  <div class="docs">
    <DocsNav shelves={props.shelves} question={props.question} />
    <article class="doc">
      <h1>Documentation</h1>
      {props.question !== '' && props.hits.length === 0 && (
        <p>
          Nothing is said of <strong>{props.question}</strong>. All words must stand together under
          one heading; fewer or shorter ones find more.
        </p>
      )}
      <ol class="doc-hits">
        {props.hits.map(({ href, title, heading, excerpt }) => (
          <li>
            <a href={href}>
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

const DocsNav = (props: { shelves: readonly DocShelf[]; question?: string }) => (
  <>
    <form class="docs-find" action="/docs/find" role="search">
      <SearchBox label="Find in the documentation" name="q" value={props.question ?? ''} />
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
  /** The verb that scopes and role must leave to the token. */
  readonly permission: string
  readonly parameters: readonly {
    readonly name: string
    readonly isRequired: boolean
    readonly rule: string
  }[]
  /** JSON Schema as text. */
  readonly body: string | null
  readonly answer: string | null
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
        <a href="/api">All operations</a>
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
    {shown.body !== null && <SchemaPart title="Send" text={shown.body} />}
    {shown.answer !== null && <SchemaPart title="Answer" text={shown.answer} />}
  </section>
)

const SchemaPart = (props: { title: string; text: string }) => (
  <details>
    <summary>{props.title}</summary>
    <pre tabindex={0}>
      <code>{props.text}</code>
    </pre>
  </details>
)
