// One found row: some columns in the table, all of them as a tree to open, and what can be done with a
// value: show only its rows, or ask the targets for it.

import type { FoundRow } from '#domain/searches/reading.ts'
import type { Json } from '#kernel/json.ts'
import { Button } from '#views/parts/button.tsx'
import { count } from '#views/parts/format.ts'
import { Foreign } from '#views/parts/text.tsx'
import { urlOf, type ResultsState } from './results-state.ts'
import { SummaryCells } from './row-summary.tsx'

const CELL_CHARS = 200
const VALUE_CHARS = 200
const COLUMNS_MAX = 200
/** Deeper is a riddle in any case, and a row of a target may be as deep as it likes. */
const TREE_DEPTH = 12

interface RowProps {
  readonly row: FoundRow
  readonly shown: readonly string[]
  /** Time and first fields in place of columns. */
  readonly isSummed: boolean
  /** `/w/acme/searches/sea_…` */
  readonly path: string
  /** `/w/acme/searches` */
  readonly root: string
  readonly state: ResultsState
}

export const Row = (props: RowProps) => {
  const { row, shown, isSummed, path, state } = props
  const { columns, values, segment, index } = row
  const valueOf = (name: string) => values[columns.findIndex((column) => column.name === name)]
  const here = { position: segment.position, index }
  const isOpen = state.open?.position === here.position && state.open.index === here.index
  const href = urlOf(path, { ...state, open: isOpen ? null : here })
  return (
    <>
      <tr id={isOpen ? 'open' : undefined}>
        <td>
          <a class="small row-open" href={isOpen ? `${href}#rows` : `${href}#open`}>
            {isOpen ? 'Close' : 'Open'}
            <span class="vh">
              {' '}
              of row {index + 1} of <bdi>{segment.targetName}</bdi>
            </span>
          </a>
        </td>
        <td class="nowrap">
          <Foreign text={segment.targetName} />
        </td>
        {isSummed && <SummaryCells {...row} />}
        {shown.map((name) => (
          <td class={segment.timeColumn === name ? 'mono nowrap' : 'cmd'}>
            <Cell value={valueOf(name)} />
          </td>
        ))}
      </tr>
      {isOpen && <Whole {...props} />}
    </>
  )
}

const Whole = (props: RowProps) => {
  const { columns, values } = props.row
  const rest = columns.length - COLUMNS_MAX
  return (
    <tr class="row-whole">
      <td colspan={props.isSummed ? 4 : props.shown.length + 2}>
        <dl class="facts">
          {columns.slice(0, COLUMNS_MAX).map(({ name }, at) => (
            <>
              <dt>
                <bdi>{name}</bdi>
              </dt>
              <dd class="break">
                <Tree value={values[at] ?? null} depth={0} />{' '}
                <Pivots {...props} column={name} value={plainText(values[at])} />
              </dd>
            </>
          ))}
        </dl>
        {rest > 0 && <p class="muted">{count(rest, 'more column')} stand in the export.</p>}
        <PinForm {...props} />
      </td>
    </tr>
  )
}

const Pivots = (props: RowProps & { column: string; value: string | undefined }) => {
  const { row, column, value, path, root, state } = props
  if (value === undefined || value === '') return null
  const search = path.slice(root.length + 1)
  const pivot = new URLSearchParams({
    pivot: search,
    segment: String(row.segment.position),
    column,
    value,
  })
  return (
    <span class="small pivots">
      <a href={urlOf(path, { ...state, where: { column, value }, offset: 0, open: null })}>
        only this
      </a>{' '}
      <a href={`${root}/new?${pivot.toString()}`}>ask for it</a>
    </span>
  )
}

/** What is kept are the columns that are shown: an excerpt, and not the row. */
const PinForm = ({ row, shown, path }: RowProps) => (
  <form method="post" action={`${path}/pins`} class="row">
    <input type="hidden" name="segment" value={row.segment.position} />
    <input type="hidden" name="row" value={row.index} />
    {shown.map((name) => (
      <input type="hidden" name="show" value={name} />
    ))}
    <input
      class="input input-s"
      name="note"
      maxlength={500}
      aria-label="Why this row is kept"
      placeholder="Why this row is kept"
    />
    <Button size="s">Pin the shown columns</Button>
  </form>
)

const Cell = ({ value }: { value: Json | undefined }) => {
  if (value === null || value === undefined) return <span class="faint">–</span>
  const text = typeof value === 'object' ? JSON.stringify(value) : String(value)
  return (
    <Foreign
      text={text.length > CELL_CHARS ? `${text.slice(0, CELL_CHARS).toWellFormed()}…` : text}
    />
  )
}

/** A value as it is nested. */
export const Tree = ({ value, depth }: { value: Json; depth: number }) => {
  if (value === null) return <span class="faint">null</span>
  if (typeof value !== 'object') return <Foreign text={String(value)} class="mono" />
  if (depth === TREE_DEPTH) return <Foreign text={JSON.stringify(value)} class="mono" />
  const parts = Array.isArray(value)
    ? value.map((one, at): [string, Json] => [String(at), one as Json])
    : Object.entries(value as Record<string, Json>)
  return (
    <dl class="facts">
      {parts.map(([name, part]) => (
        <>
          <dt>
            <bdi>{name}</bdi>
          </dt>
          <dd class="break">
            <Tree value={part} depth={depth + 1} />
          </dd>
        </>
      ))}
    </dl>
  )
}

/** A value one can narrow by; undefined for what is nested, absent or endless. */
function plainText(value: Json | undefined): string | undefined {
  if (value === null || value === undefined || typeof value === 'object') return undefined
  const text = String(value)
  return text.length <= VALUE_CHARS ? text : undefined
}
