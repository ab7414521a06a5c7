// How many hits an exclusion hides, as it was counted, with its window; and the button that counts.

import type { Hidden } from '#domain/rules/exclusions/hidden.ts'
import { Button } from '#views/parts/button.tsx'
import { formatNumber } from '#views/parts/format.ts'
import { Time, Unknown } from '#views/parts/text.tsx'

export const HitsHidden = ({ hidden }: { readonly hidden: Hidden | null }) => {
  if (hidden === null) return <Unknown />
  const { count, of, isWhole, reason, to } = hidden
  return (
    <>
      {count === null ? (
        <Unknown />
      ) : (
        <>
          {!isWhole && 'at least '}
          {formatNumber(count)} of {formatNumber(of)}
        </>
      )}
      <div class="muted small break" dir="auto">
        {reason !== null && `${reason} `}In 30 days to <Time at={to} />
      </div>
    </>
  )
}

/** `path` is of the exclusion. */
export const CountHidden = ({ path }: { readonly path: string }) => (
  <form method="post" action={`${path}/count`}>
    <Button size="s">Count what is hidden</Button>
  </form>
)
