// What is excluded from a rule at this moment, on its first page.

import type { Exclusion } from '#domain/rules/exclusions/exclusion.ts'
import { ExclusionStateBadge } from '#views/exclusions/marks.tsx'
import { LinkButton } from '#views/parts/button.tsx'
import { clip, formatDate } from '#views/parts/format.ts'
import { Panel, PanelBody } from '#views/parts/panel.tsx'
import { Foreign } from '#views/parts/text.tsx'

export interface ExclusionsPanelProps {
  /** `/w/acme/exclusions`. */
  readonly path: string
  /** In force and overdue. */
  readonly items: readonly Exclusion[]
  readonly rule: string
  readonly mayWrite: boolean
}

export const ExclusionsPanel = ({ path, items, rule, mayWrite }: ExclusionsPanelProps) => (
  <Panel
    title="Exclusions"
    id="exclusions"
    sub={items.length === 0 ? 'none in force' : `${items.length} in force`}
    action={
      mayWrite && (
        <LinkButton href={`${path}/new?rule=${rule}`} size="s">
          Exclude
        </LinkButton>
      )
    }
  >
    {items.length === 0 ? (
      <PanelBody>
        <p class="muted">
          Nothing is excluded from this rule: it is compiled and tested as it stands.
        </p>
      </PanelBody>
    ) : (
      <ul class="rows">
        {items.map((one) => (
          <li>
            <span class="grow break">
              <a href={`${path}/${one.id}`}>
                <Foreign text={clip(one.title, 200)} />
              </a>
              <span class="muted small" dir="auto">
                {' '}
                {clip(one.reason, 200)}
              </span>
            </span>
            {one.state === 'overdue' && <ExclusionStateBadge of="overdue" />}
            <span class="muted small">until {formatDate(one.endsAt - 1)}</span>
          </li>
        ))}
      </ul>
    )}
  </Panel>
)
