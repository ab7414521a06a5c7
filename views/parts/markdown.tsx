// Markdown as components. What was written comes through JSX escaping like any other text.

import type { Child } from 'hono/jsx'
import type { Block, Inline } from '#languages/markdown/parse.ts'

export const Markdown = (props: { blocks: readonly Block[] }) => (
  <>
    {props.blocks.map((block) => (
      <BlockOf block={block} />
    ))}
  </>
)

const BlockOf = ({ block }: { block: Block }): Child => {
  switch (block.kind) {
    case 'heading':
      return <Heading heading={block} />
    case 'paragraph':
      return (
        <p>
          <Inlines nodes={block.children} />
        </p>
      )
    case 'list': {
      const items = block.items.map((item) => (
        <li>
          <Item blocks={item} />
        </li>
      ))
      return block.start === undefined ? <ul>{items}</ul> : <ol start={block.start}>{items}</ol>
    }
    case 'quote':
      return (
        <blockquote>
          <Markdown blocks={block.children} />
        </blockquote>
      )
    case 'code':
      return (
        <pre tabindex={0}>
          <code>{block.text}</code>
        </pre>
      )
    case 'table':
      return <Table table={block} />
    case 'rule':
      return <hr />
  }
}

/** An item of one paragraph is its words. */
const Item = ({ blocks }: { blocks: readonly Block[] }): Child => {
  const [first, ...rest] = blocks
  if (first?.kind !== 'paragraph') return <Markdown blocks={blocks} />
  return (
    <>
      <Inlines nodes={first.children} />
      <Markdown blocks={rest} />
    </>
  )
}

const Heading = (props: { heading: Extract<Block, { kind: 'heading' }> }): Child => {
  const { level, id, children } = props.heading
  const words = <Inlines nodes={children} />
  if (level === 1) return <h1 id={id}>{words}</h1>
  if (level === 2) return <h2 id={id}>{words}</h2>
  return level === 3 ? <h3 id={id}>{words}</h3> : <h4 id={id}>{words}</h4>
}

const Table = ({ table: { head, rows } }: { table: Extract<Block, { kind: 'table' }> }) => (
  <div class="scroll" tabindex={0} role="group" aria-label="Table">
    <table class="table">
      {head.some((cell) => cell.length > 0) && (
        <thead>
          <tr>
            {head.map((cell) => (
              <th scope="col">
                <Inlines nodes={cell} />
              </th>
            ))}
          </tr>
        </thead>
      )}
      <tbody>
        {rows.map((row) => (
          <tr>
            {row.map((cell) => (
              <td class="wrap">
                <Inlines nodes={cell} />
              </td>
            ))}
          </tr>
        ))}
      </tbody>
    </table>
  </div>
)

const Inlines = ({ nodes }: { nodes: readonly Inline[] }) => (
  <>
    {nodes.map((node) => (
      <InlineOf node={node} />
    ))}
  </>
)

const InlineOf = ({ node }: { node: Inline }): Child => {
  switch (node.kind) {
    case 'text':
      return <>{node.text}</>
    case 'code':
      return <code>{node.text}</code>
    case 'break':
      return <br />
    case 'strong':
      return (
        <strong>
          <Inlines nodes={node.children} />
        </strong>
      )
    case 'em':
      return (
        <em>
          <Inlines nodes={node.children} />
        </em>
      )
    case 'del':
      return (
        <del>
          <Inlines nodes={node.children} />
        </del>
      )
    case 'link':
      return (
        <a href={node.href} {...(isElsewhere(node.href) && { rel: 'noopener noreferrer' })}>
          <Inlines nodes={node.children} />
        </a>
      )
  }
}

const isElsewhere = (href: string): boolean => /^https?:/i.test(href)
