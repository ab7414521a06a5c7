// What a walk that found nothing cannot exclude. A log proves less where fewer people hold a part of
// it: without a checkpoint kept outside the file, whoever owns the file may put an older one in its
// place; without the master secret, what no checkpoint signs yet is only as good as the file. Pure.

export interface OpenAttack {
  readonly attack: 'truncate' | 'roll back' | 'replace' | 'rewrite' | 'withhold'
  /** From where on, and what would close it. */
  readonly message: string
}

export interface Known {
  readonly size: number
  /** The largest size that a signed checkpoint confirms, and one kept outside the file. */
  readonly checkpointed: number
  readonly anchored: number
  /** The chain was walked with its secret keys. */
  readonly isKeyed: boolean
}

export function openAttacks({ size, checkpointed, anchored, isKeyed }: Known): OpenAttack[] {
  const open: OpenAttack[] = [
    {
      attack: 'truncate',
      message: `entries written after entry ${anchored} may have been cut off: no checkpoint from outside speaks of them`,
    },
  ]
  if (anchored === 0) {
    const message = 'give checkpoints kept outside with --checkpoints'
    open.push(
      { attack: 'roll back', message: `the file may be an older state of itself: ${message}` },
      { attack: 'replace', message: `the file may be of another instance: ${message}` },
    )
  }
  if (!isKeyed && checkpointed < size) {
    open.push({
      attack: 'rewrite',
      message: `entries after ${checkpointed} are not signed yet: whoever writes the file may have made them`,
    })
  }
  if (isKeyed && anchored < size) {
    open.push({
      attack: 'rewrite',
      message: `entries after ${anchored} may have been written anew by whoever holds the master secret`,
    })
  }
  return open
}

export interface KnownExport {
  readonly first: number
  readonly exportedAt: string
  readonly hasOwnKeys: boolean
}

export function openInExport({ first, exportedAt, hasOwnKeys }: KnownExport): OpenAttack[] {
  const open: OpenAttack[] = [
    { attack: 'roll back', message: `it says nothing of what was recorded after ${exportedAt}` },
  ]
  if (!hasOwnKeys) {
    open.push({
      attack: 'replace',
      message: 'it was read by the keys in the export itself: name yours with --public-key',
    })
  }
  if (first > 1) {
    open.push({
      attack: 'withhold',
      message: `entries 1 to ${first - 1} were removed by retention, or are kept back`,
    })
  }
  return open
}
