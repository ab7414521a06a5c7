// Which upstream a rule follows, whose work it is, and what was changed here.

import type { RuleOriginShown } from '#domain/rules/upstreams/looking.ts'
import { Badge } from '#views/parts/badge.tsx'
import { Button } from '#views/parts/button.tsx'
import { count } from '#views/parts/format.ts'
import { Facts, Panel, PanelBody, type Fact } from '#views/parts/panel.tsx'
import { ExternalLink, Foreign } from '#views/parts/text.tsx'

interface OriginProps {
  readonly origin: RuleOriginShown
  /** Of the rule. */
  readonly path: string
  readonly mayWrite: boolean
}

const STANDINGS = {
  followed: null,
  deprecated: 'Deprecated there',
  gone: 'No longer there',
  replaced: 'Replaced there',
} as const

export const Origin = ({ origin, path, mayWrite }: OriginProps) => {
  const { upstream, changes, standing } = origin
  const said = STANDINGS[standing]
  return (
    <Panel
      title="Where it comes from"
      id="origin"
      action={said !== null && <Badge tone="warn">{said}</Badge>}
    >
      <PanelBody>
        <p>
          From <Foreign text={upstream.name} />, bundle <Foreign text={origin.label} />,{' '}
          {changes.length === 0 ? 'as published.' : `${count(changes.length, 'local change')}:`}
        </p>
        {changes.length > 0 && (
          <ul class="break">
            {changes.map((sentence) => (
              <li dir="auto">{sentence}</li>
            ))}
          </ul>
        )}
        <Facts facts={factsOf(origin)} />
        {mayWrite && (
          <form method="post" action={`${path}/upstream`}>
            <Button size="s">Follow it no more</Button>
          </form>
        )}
      </PanelBody>
    </Panel>
  )
}

function factsOf({ upstream, commit, path, successor }: RuleOriginShown): readonly Fact[] {
  const facts: (readonly [string, string | null])[] = [
    ['Licence', upstream.licence],
    ['Published by', upstream.author],
    ['Commit', commit],
    ['File', path],
    ['Replaced by', successor],
  ]
  const shown = facts.flatMap(([term, value]): readonly Fact[] =>
    value === null ? [] : [[term, <Foreign class="break" text={value} />]],
  )
  const { address } = upstream
  return address === null ? shown : [...shown, ['Address', <ExternalLink url={address} />]]
}
