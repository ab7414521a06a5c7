// One change, as whoever decides about it sees it: what it means first, then what is wrong with it, how
// it was tested, who said what; and beside that the one thing that this person can do next.

import type { Change, ChangeState, ChangeWhole } from '#domain/changes/change.ts'
import type { Deployment } from '#domain/deployments/deployment.ts'
import type { Actor } from '#kernel/actor.ts'
import { describeActor } from '#views/parts/actor.tsx'
import { LinkButton } from '#views/parts/button.tsx'
import { Confirm } from '#views/parts/dialog.tsx'
import { count } from '#views/parts/format.ts'
import { hxLive } from '#views/parts/hx.tsx'
import { Notice } from '#views/parts/notice.tsx'
import { Head, Tabs } from '#views/parts/panel.tsx'
import { Time } from '#views/parts/text.tsx'
import { Decision } from './decision.tsx'
import { Checks } from './checks.tsx'
import { ImpactPanel, type ImpactShown } from './impact.tsx'
import { Items } from './items.tsx'
import type { ChangeMay, ItemShown, SigningShown, TestsShown, VerdictsShown } from './shown.ts'
import { Signatures } from './signatures.tsx'
import { Summary } from './summary.tsx'
import { Discussion, History } from './talk.tsx'
import { Tests } from './tests.tsx'
import { ChangeStateBadge, ORIGIN_WORDS, shortHash } from './words.tsx'

export interface ChangePageProps {
  /** `/w/acme/changes/chg_…`. */
  readonly path: string
  /** `/w/acme`. */
  readonly home: string
  readonly whole: ChangeWhole
  readonly names: ReadonlyMap<Actor, string>
  /** Those of this page, in their order. */
  readonly shown: readonly ItemShown[]
  /** How many items stand before the first of them. */
  readonly offset: number
  readonly tests: readonly TestsShown[]
  readonly verdicts: VerdictsShown
  readonly deployments: readonly Deployment[]
  readonly may: ChangeMay
  readonly signing: SigningShown
  /** Null for whoever may not see it. */
  readonly impact: ImpactShown | null
  /** Why the last act was refused; null for none. */
  readonly refusal: string | null
  /** A comment that was typed and not taken. */
  readonly typed: string
}

export const ChangePage = (props: ChangePageProps) => {
  const { whole, names, refusal } = props
  const { change } = whole
  return (
    <>
      <Head
        title={change.title}
        badge={<ChangeStateBadge of={change.state} />}
        actions={<Acts {...props} />}
        meta={metaOf(change, whole, names)}
      />
      <Summary {...props} />
      <Parts {...props} />
      {refusal !== null && (
        <div class="standing">
          <Notice tone="bad" title="That was not done.">
            {refusal}
          </Notice>
        </div>
      )}
      <div class="split split-act">
        <div class="stack">
          <Items {...props} />
          {props.impact !== null && <ImpactPanel {...props.impact} />}
          <Tests {...props} />
          <Checks {...props} />
          <Discussion {...props} />
          <History {...props} />
        </div>
        <div class="stack sticky">
          <Decision {...props} />
          <Standing {...props} />
        </div>
      </div>
      <DecideBar {...props} />
    </>
  )
}

/** Where the page is narrow the decision stands far above what is read: this stays in sight. */
const DecideBar = ({ whole: { change } }: ChangePageProps) => (
  <div class="decide-bar">
    <ChangeStateBadge of={change.state} />
    {change.signaturesNeeded > 0 && (
      <span class="muted small">
        {change.signatureCount} of {count(change.signaturesNeeded, 'signature')}
      </span>
    )}
    <LinkButton size="s" href="#decision" class="push">
      {change.state === 'in_review' ? 'Your decision' : 'What is next'}
    </LinkButton>
  </div>
)

const EDITABLE: ReadonlySet<ChangeState> = new Set([
  'draft',
  'in_review',
  'changes_requested',
  'approved',
])

/** Rare ones: the next thing to do stands beside the items. */
const Acts = ({ whole: { change }, may, path }: ChangePageProps) =>
  !may.write || !EDITABLE.has(change.state) ? null : (
    <>
      {may.breakGlass && change.signaturesNeeded > 0 && change.state !== 'approved' && (
        <LinkButton href={`${path}/breakglass`}>Break the glass</LinkButton>
      )}
      <LinkButton href={`${path}/edit`} data-keys="e">
        Edit
      </LinkButton>
      <Confirm
        id="withdraw"
        opener="Withdraw"
        question="Withdraw this change?"
        consequence="Nothing of it is written, its signatures end, and it cannot be opened again. Rules and their versions stay as they are."
        keep="Keep it"
        verb="Withdraw"
        path={`${path}/withdraw`}
        fields={{ version: String(change.version) }}
      />
    </>
  )

const Parts = ({ whole, tests, impact }: ChangePageProps) => {
  const said = whole.comments.length
  return (
    <Tabs
      label="Parts of this change"
      tabs={[
        { href: '#items', label: 'What changes', isCurrent: true },
        ...(impact === null ? [] : [{ href: '#impact', label: 'Impact' }]),
        ...(tests.length > 0 ? [{ href: '#tests', label: 'Tests' }] : []),
        { href: '#checks', label: 'Checks' },
        { href: '#signatures', label: 'Signatures' },
        { href: '#discussion', label: said > 0 ? `Discussion (${said})` : 'Discussion' },
        { href: '#history', label: 'History' },
      ]}
    />
  )
}

/** What follows while others decide. The rest holds forms, and is left alone while somebody types. */
export const Standing = (props: ChangePageProps) => (
  <div id="change-standing" {...hxLive(props.path, [`change-${props.whole.change.id}`])}>
    <Signatures {...props} />
  </div>
)

function metaOf(change: Change, { items }: ChangeWhole, names: ReadonlyMap<Actor, string>) {
  const rules = new Set(items.map(({ ruleId }) => ruleId)).size
  const targets = new Set(items.map(({ targetId }) => targetId)).size
  return [
    <>
      <bdi>{describeActor(change.createdBy, names)}</bdi> opened it <Time at={change.createdAt} />
    </>,
    ...(change.origin === 'rules' ? [] : [ORIGIN_WORDS[change.origin]]),
    ...(change.follows === null ? [] : [<a href={change.follows}>The change that it follows</a>]),
    `${count(rules, 'rule')}, ${count(targets, 'target')}`,
    ...(change.expiresAt === null || change.state !== 'approved'
      ? []
      : [
          <>
            approval ends <Time at={change.expiresAt} />
          </>,
        ]),
    <span class="mono" title={`SHA-256 of the change: ${change.hash}`}>
      sha256 {shortHash(change.hash)}
    </span>,
  ]
}
