// The matrix of ATT&CK as a page shows it: tactics, and under each its techniques with what covers them and
// their subtechniques. Pure.

import type { Attack, Tactic, Technique } from '#languages/attack/attack.ts'
import { currentOf } from '#languages/attack/tags.ts'
import { cellsOf, type Cell, type CoverageState, type Proof } from './coverage.ts'

export interface MatrixCell {
  readonly technique: Technique
  /** Of it and its subtechniques together. */
  readonly state: CoverageState
  /** Of those, how many are covered; and how many there are. */
  readonly covered: number
  readonly size: number
}

export interface MatrixRow {
  readonly tactic: Tactic
  readonly cells: readonly MatrixCell[]
  readonly covered: number
}

/** By what ATT&CK calls them now; what it does not know is nowhere in the matrix, and left out. */
export function currentCells<Place extends Proof>(
  attack: Attack,
  places: readonly Place[],
): ReadonlyMap<string, Cell<Place>> {
  const rename = (ids: readonly string[]) => {
    const current = ids.flatMap((id) => {
      const technique = attack.techniques.get(id.toLowerCase())
      return (technique && currentOf(technique, attack))?.id ?? []
    })
    return [...new Set(current)]
  }
  return cellsOf(
    places.map((place) => ({
      ...place,
      techniques: rename(place.techniques),
      proved: rename(place.proved),
    })),
  )
}

/** Techniques that ATT&CK still has. */
export function currentTechniques(attack: Attack): readonly Technique[] {
  return [...attack.techniques.values()].filter(
    ({ revokedBy, isDeprecated }) => revokedBy === undefined && isDeprecated !== true,
  )
}

/** What is lost is seen before what else covers the same; then what is covered, be it in part. */
const SHOWN: readonly CoverageState[] = ['lost', 'covered', 'unknown', 'unproven']

export function matrixOf(
  attack: Attack,
  cells: ReadonlyMap<string, Pick<Cell, 'state'>>,
): readonly MatrixRow[] {
  const families = Map.groupBy(currentTechniques(attack), ({ id }) => id.split('.')[0]!)
  const shown = [...families.values()].flatMap((family) => {
    const head = family.find(({ id }) => !id.includes('.'))
    return head === undefined ? [] : [cellOf(head, family, cells)]
  })
  return [...attack.tactics.values()].flatMap((tactic) => {
    const own = shown.filter(({ technique }) => technique.tactics.includes(tactic.shortName))
    if (own.length === 0) return []
    const covered = own.filter((cell) => cell.covered > 0).length
    return [{ tactic, cells: own, covered }]
  })
}

function cellOf(
  technique: Technique,
  family: readonly Technique[],
  cells: ReadonlyMap<string, Pick<Cell, 'state'>>,
): MatrixCell {
  const states = family.map(({ id }) => cells.get(id)?.state ?? 'none')
  return {
    technique,
    state: SHOWN.find((state) => states.includes(state)) ?? 'none',
    covered: states.filter((state) => state === 'covered').length,
    size: family.length,
  }
}
