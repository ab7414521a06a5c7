// What a deployment of a change would do now, read from its targets: which fields become others, what
// stands there already, and what somebody changed meanwhile.

import type { Change } from '#domain/changes/change.ts'
import type { ChangePlan, PlanItem } from '#domain/deployments/plan.ts'
import type { Json } from '#kernel/json.ts'
import { Value } from '#views/changes/items.tsx'
import { ACTION_WORDS } from '#views/changes/words.tsx'
import { Badge, type Tone } from '#views/parts/badge.tsx'
import { LinkButton } from '#views/parts/button.tsx'
import { clip, count, formatNumber } from '#views/parts/format.ts'
import { Icon } from '#views/parts/icon.tsx'
import { Notice } from '#views/parts/notice.tsx'
import { Head } from '#views/parts/panel.tsx'
import { Foreign } from '#views/parts/text.tsx'

export interface PlanPageProps {
  /** Of the change: `/w/acme/changes/chg_…`. */
  readonly path: string
  readonly change: Change
  /** Null where a target did not answer. */
  readonly plan: ChangePlan | null
  readonly refusal: string | null
}

const ITEMS_SHOWN = 100
const FIELDS_SHOWN = 30

export const PlanPage = ({ path, change, plan, refusal }: PlanPageProps) => {
  const items = plan?.items ?? []
  const conflicts = items.filter(({ verdict }) => verdict === 'conflict').length
  const same = items.filter(({ verdict }) => verdict === 'same').length
  return (
    <>
      <Head
        title={`Plan of ${clip(change.title, 150)}`}
        meta={[
          'read from the targets just now; nothing is written',
          count(items.length, 'item'),
          `${formatNumber(same)} stand there already`,
        ]}
        actions={
          <LinkButton icon="chevron-left" href={path}>
            The change
          </LinkButton>
        }
      />
      <div class="stack">
        {refusal !== null && (
          <Notice tone="unknown" title="The plan could not be made.">
            {refusal}
          </Notice>
        )}
        {conflicts > 0 && (
          <Notice tone="bad" title={`${count(conflicts, 'conflict')}: it would not be deployed.`}>
            What stands there is not what the change replaces. Render the change again, and let it
            be signed anew.
          </Notice>
        )}
        {items.slice(0, ITEMS_SHOWN).map((item) => (
          <Planned item={item} />
        ))}
        {items.length > ITEMS_SHOWN && (
          <p class="muted">and {formatNumber(items.length - ITEMS_SHOWN)} more items</p>
        )}
      </div>
    </>
  )
}

const TONES: Readonly<Partial<Record<PlanItem['verdict'], Tone>>> = {
  same: 'ok',
  conflict: 'bad',
  remove: 'warn',
}

const Planned = ({ item }: { item: PlanItem }) => {
  const { number, ruleTitle, targetName, verdict, reason, fields } = item
  const tone = TONES[verdict]
  const words = verdict === 'same' || verdict === 'conflict' ? verdict : ACTION_WORDS[verdict]
  return (
    <section class="panel" aria-labelledby={`plan-${number}`}>
      <div class="panel-head">
        <h2 id={`plan-${number}`} class="break">
          <Foreign text={clip(ruleTitle, 200)} />
        </h2>
        <span class="sub">
          on <Foreign text={targetName} class="break" />
        </span>
        <span class="push">
          <Badge {...(tone === undefined ? {} : { tone })}>{words}</Badge>
        </span>
      </div>
      {reason !== null && <p class="panel-body break">{reason}</p>}
      {fields.length > 0 && (
        <details class="fields-differ">
          <summary>
            <Icon name="chevron-down" size="s" />
            {count(fields.length, 'field')}
          </summary>
          <dl>
            {fields.slice(0, FIELDS_SHOWN).map(({ field, from, to }) => (
              <>
                <dt class="mono break">{field}</dt>
                <dd>
                  <Value of={textOf(from)} is="del" /> <Icon name="arrow-right" size="s" />
                  <span class="vh"> becomes </span> <Value of={textOf(to)} is="ins" />
                </dd>
              </>
            ))}
          </dl>
        </details>
      )}
    </section>
  )
}

function textOf(value: Json | null): string | null {
  if (value === null) return null
  return typeof value === 'string' ? value : JSON.stringify(value)
}
