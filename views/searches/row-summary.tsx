// Rows of several kinds of target side by side: hardly a column has the same name everywhere, so a row
// tells its time and its first fields by name.

import type { FoundRow } from '#domain/searches/reading.ts'
import type { Json } from '#kernel/json.ts'
import { Foreign } from '#views/parts/text.tsx'

const FIELDS_SHOWN = 8
const VALUE_CHARS = 100

/** Whether rows of one page share no columns to speak of. */
export function isMixed(rows: readonly FoundRow[]): boolean {
  return new Set(rows.map(({ segment }) => segment.kind)).size > 1
}

export const SummaryHeads = () => (
  <>
    <th scope="col">Time</th>
    <th scope="col">Fields</th>
  </>
)

export const SummaryCells = ({ columns, values, segment }: FoundRow) => {
  const told = columns.flatMap(({ name }, at) => {
    const value = values[at]
    return isTold(value) ? [{ name, text: textOf(value) }] : []
  })
  const time = told.find(({ name }) => name === segment.timeColumn)
  // What begins with a line is about the place where it is kept.
  const fields = told.filter(({ name }) => name !== segment.timeColumn && !name.startsWith('_'))
  return (
    <>
      <td class="mono nowrap">
        {time === undefined ? <span class="faint">–</span> : <Foreign text={timeOf(time.text)} />}
      </td>
      <td>
        <div class="fields-told">
          {fields.slice(0, FIELDS_SHOWN).map(({ name, text }) => (
            <span class="clip">
              <bdi class="muted">{name}</bdi> <Foreign text={text} />
            </span>
          ))}
          {fields.length > FIELDS_SHOWN && (
            <span class="muted small">and {fields.length - FIELDS_SHOWN} more</span>
          )}
        </div>
      </td>
    </>
  )
}

/** In one spelling, so that times of several vendors stand under each other. */
function timeOf(text: string): string {
  const at = Date.parse(text)
  return Number.isNaN(at) ? text : new Date(at).toISOString()
}

function isTold(value: Json | undefined): value is Exclude<Json, null> {
  return value !== undefined && value !== null && value !== ''
}

function textOf(value: Exclude<Json, null>): string {
  const text = typeof value === 'object' ? JSON.stringify(value) : String(value)
  return text.length > VALUE_CHARS ? `${text.slice(0, VALUE_CHARS).toWellFormed()}…` : text
}
