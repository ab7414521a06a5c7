// The matrix of ATT&CK, a row for each tactic: readable at any width and in the order of the keyboard. Shape
// and word say the state beside the colour; a technique without cover is plain.

import type { MatrixCell, MatrixRow } from '#domain/health/coverage-matrix.ts'
import type { CoverageState } from '#domain/health/coverage.ts'
import { TONE_ICONS } from '#views/parts/badge.tsx'
import { Icon } from '#views/parts/icon.tsx'
import { COVERAGE_WORDS } from './words.tsx'

export interface MatrixProps {
  readonly rows: readonly MatrixRow[]
  /** Null: all of them. */
  readonly only: CoverageState | null
  readonly chosen: string | null
  readonly addressOf: (technique: string) => string
}

export const Matrix = (props: MatrixProps) => (
  <table class="cover">
    <caption class="vh">Techniques by tactic, with what covers each</caption>
    <thead class="vh">
      <tr>
        <th scope="col">Tactic</th>
        <th scope="col">Techniques</th>
      </tr>
    </thead>
    <tbody>
      {props.rows.map((row) => (
        <Row row={row} {...props} />
      ))}
    </tbody>
  </table>
)

const Row = ({ row, only, ...rest }: MatrixProps & { row: MatrixRow }) => {
  const shown = row.cells.filter(({ state }) => only === null || state === only)
  if (shown.length === 0) return null
  return (
    <tr>
      <th scope="row">
        {row.tactic.name}
        <div class="muted small">
          {row.covered} of {row.cells.length} covered
        </div>
      </th>
      <td>
        <ul>
          {shown.map((cell) => (
            <li>
              <Tile cell={cell} {...rest} />
            </li>
          ))}
        </ul>
      </td>
    </tr>
  )
}

const Tile = ({
  cell: { technique, state, covered, size },
  chosen,
  addressOf,
}: Omit<MatrixProps, 'rows' | 'only'> & { cell: MatrixCell }) => {
  const [tone, word] = COVERAGE_WORDS[state]
  return (
    <a
      href={addressOf(technique.id)}
      title={`${technique.id} ${technique.name}`}
      data-tone={tone}
      aria-current={chosen === technique.id ? 'true' : undefined}
    >
      {tone !== undefined && <Icon name={TONE_ICONS[tone]} />}
      <span>{technique.name}</span>
      {tone !== undefined && <span class="vh">, {word}</span>}
      {covered > 0 && size > 1 && (
        <b aria-label={`${covered} of ${size} with subtechniques`}>
          {covered}/{size}
        </b>
      )}
    </a>
  )
}
