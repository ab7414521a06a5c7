// What a native rule is as Sigma, where that is proved, and why not where it is not.

import type { KindOffer } from '#domain/rules/offers/offer.ts'
import type { Kind, KindRow } from '#domain/rules/renders/kinds.ts'
import { Badge } from '#views/parts/badge.tsx'
import { Button } from '#views/parts/button.tsx'
import { count } from '#views/parts/format.ts'
import { Panel, PanelBody } from '#views/parts/panel.tsx'
import { Code } from '#views/parts/text.tsx'

interface SigmaOffersProps {
  readonly offers: readonly KindOffer[]
  readonly kinds: Readonly<Record<Kind, KindRow>>
  /** Of the rule. */
  readonly path: string
  readonly mayWrite: boolean
}

export const SigmaOffers = ({ offers, kinds, path, mayWrite }: SigmaOffersProps) => (
  <>
    {offers.map(({ kind, answer }) => {
      const label = kinds[kind].label
      return 'code' in answer ? (
        <Panel
          title={`As Sigma, from ${label}`}
          id={`offer-${kind}`}
          action={<Badge tone="unknown">No offer</Badge>}
        >
          <PanelBody>
            <p dir="auto">{answer.message}</p>
          </PanelBody>
        </Panel>
      ) : (
        <Panel
          title={`As Sigma, from ${label}`}
          id={`offer-${kind}`}
          action={<Badge tone="ok">Proved</Badge>}
        >
          <PanelBody>
            <p>
              A detection says the same: query, rule and compiled rule agree on{' '}
              {count(answer.eventCount, 'event')} made to tell them apart. It compiles for the other
              places; the query stays for {label}.
            </p>
            {answer.scope.length > 0 && (
              <p dir="auto">Left to the place and the schedule: {answer.scope.join(', ')}.</p>
            )}
            {answer.ownNames.length > 0 && (
              <p dir="auto">
                Fields that keep the name of the place: {answer.ownNames.join(', ')}.
              </p>
            )}
          </PanelBody>
          <Code label="Log source and detection" text={answer.yaml} />
          {mayWrite && (
            <PanelBody>
              <form method="post" action={`${path}/sigma`}>
                <input type="hidden" name="kind" value={kind} />
                <Button>Add this detection</Button>
              </form>
            </PanelBody>
          )}
        </Panel>
      )
    })}
  </>
)
