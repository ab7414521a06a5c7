// Tables and the links between their pages. A table scrolls inside its own box, which the keyboard
// can reach and a screen reader can name.

import type { Child } from 'hono/jsx'
import { LinkButton } from './button.tsx'
import { classes } from './icon.tsx'

export interface Column {
  readonly label: string
  readonly isNumber?: boolean
  /** For a screen reader only: the column of acts, or of marks. */
  readonly isLabelHidden?: boolean
}

/** Rows are `<tr>`s of as many cells as there are columns; the first cell may be a row header. */
export const Table = (props: {
  label: string
  columns: readonly Column[]
  isFlat?: boolean
  /** On a phone each row becomes a block of its own: for text that would be squeezed in columns. */
  isStacked?: boolean
  children?: Child
}) => (
  <div class="scroll" tabindex={0} role="region" aria-label={props.label}>
    <table
      class={classes('table', props.isFlat && 'table-flat', props.isStacked && 'table-stacked')}
    >
      <thead>
        <tr>
          {props.columns.map((column) => (
            <th scope="col" class={column.isNumber ? 'num' : undefined}>
              {column.isLabelHidden ? <span class="vh">{column.label}</span> : column.label}
            </th>
          ))}
        </tr>
      </thead>
      <tbody>{props.children}</tbody>
    </table>
  </div>
)

/** What a value is, where its row stands stacked and the head of its column is gone. */
export const CellLabel = (props: { children?: Child }) => (
  <span class="cell-label">{props.children} </span>
)

/** Keyset pages: to the first, and to the next while there is one. */
export const Pager = ({
  words: [toFirst, toNext] = ['Newest', 'Older'],
  ...props
}: {
  shown: Child
  first: string | null
  next: string | null
  words?: readonly [first: string, next: string]
}) => (
  <div class="pager">
    <span>{props.shown}</span>
    <nav aria-label="Pages">
      {props.first !== null && (
        <LinkButton href={props.first} size="s" icon="chevron-left">
          {toFirst}
        </LinkButton>
      )}
      {props.next !== null && (
        <LinkButton href={props.next} size="s" rel="next">
          {toNext}
        </LinkButton>
      )}
    </nav>
  </div>
)
