// Layers of MITRE's ATT&CK Navigator: a JSON file that colours the matrix by a score for each technique.
// Layer format 4.5 (github.com/mitre-attack/attack-navigator, layers/spec/v4.5/layerformat.md).

import type { Attack } from './attack.ts'
import { currentOf } from './tags.ts'

export interface Score {
  readonly score: number
  /** Shown beside the technique. */
  readonly comment?: string
}

export interface Layer {
  readonly name: string
  readonly versions: { readonly attack: string; readonly navigator: string; readonly layer: string }
  readonly domain: string
  readonly description: string
  readonly sorting: number
  readonly hideDisabled: boolean
  readonly techniques: readonly LayerTechnique[]
  readonly gradient: {
    readonly colors: readonly string[]
    readonly minValue: number
    readonly maxValue: number
  }
  readonly showTacticRowBackground: boolean
  readonly selectTechniquesAcrossTactics: boolean
  readonly selectSubtechniquesWithParent: boolean
}

export interface LayerTechnique {
  readonly techniqueID: string
  readonly score: number
  readonly enabled: boolean
  readonly comment?: string
}

export interface LayerOptions {
  readonly name: string
  readonly description: string
  /** The score that is coloured fully; at least 1. */
  readonly scoreMax: number
}

const LAYER_FORMAT = '4.5'
const NAVIGATOR = '5.1.0'

/** From nothing to a lot. */
const COLORS = ['#ffffff', '#66b1ff'] as const

/**
 * `scores` by id, `T1059.001`. What was revoked counts for what took its place; what ATT&CK does not
 * know, or has given up, is left out: the Navigator would refuse or hide it.
 */
export function navigatorLayer(
  attack: Attack,
  scores: ReadonlyMap<string, Score>,
  { name, description, scoreMax }: LayerOptions,
): Layer {
  const byId = new Map<string, Score[]>()
  for (const [id, score] of scores) {
    const technique = attack.techniques.get(id.toLowerCase())
    const current = technique && currentOf(technique, attack)
    if (current === undefined) continue
    byId.set(current.id, [...(byId.get(current.id) ?? []), score])
  }
  const techniques = [...byId]
    .toSorted(([a], [b]) => (a < b ? -1 : 1))
    .map(([techniqueID, own]) => {
      const comment = own.flatMap((one) => one.comment ?? []).join('\n')
      const score = own.reduce((sum, one) => sum + one.score, 0)
      return { techniqueID, score, enabled: true, ...(comment === '' ? {} : { comment }) }
    })
  return {
    name,
    versions: { attack: majorOf(attack.version), navigator: NAVIGATOR, layer: LAYER_FORMAT },
    domain: 'enterprise-attack',
    description,
    sorting: 3,
    hideDisabled: false,
    techniques,
    gradient: { colors: COLORS, minValue: 0, maxValue: Math.max(1, scoreMax) },
    showTacticRowBackground: false,
    selectTechniquesAcrossTactics: true,
    selectSubtechniquesWithParent: false,
  }
}

function majorOf(version: string): string {
  return /^\d+/.exec(version)?.[0] ?? version
}
