// The beginning of a change: which rules, on which targets, and why. What would be written is shown on
// the page that follows, before anybody is asked to sign.

import type { ChangeAction } from '#domain/changes/change.ts'
import type { Target } from '#domain/targets/target.ts'
import { KIND_NAMES, type SiemKind } from '#kernel/siem.ts'
import { STAGE_WORDS } from '#views/targets/words.tsx'
import { Badge } from '#views/parts/badge.tsx'
import { Button, LinkButton } from '#views/parts/button.tsx'
import { Check, Field, Select, type FieldProblems } from '#views/parts/field.tsx'
import { count, formatNumber } from '#views/parts/format.ts'
import { Empty, Notice } from '#views/parts/notice.tsx'
import { Head, Panel, PanelBody } from '#views/parts/panel.tsx'
import { Foreign } from '#views/parts/text.tsx'
import { TitleRows } from '#views/rules/titles.tsx'
import { WhatAndWhy } from './what-and-why.tsx'

export interface NewChangeShown {
  readonly title: string
  readonly why: string
  /** Empty: add where it does not stand, change where it does. */
  readonly act: string
  readonly targetIds: readonly string[]
}

export interface NewChangePageProps {
  /** `/w/acme/changes`. */
  readonly path: string
  /** `/w/acme/rules`, and of the targets. */
  readonly rules: string
  readonly targets: string
  /** What is sent again to name the same rules. */
  readonly chosen: Readonly<Record<string, string>>
  readonly count: number
  /** The first of them. */
  readonly titles: readonly string[]
  readonly offered: readonly {
    readonly id: string
    readonly name: string
    readonly kind: SiemKind
    readonly stage: Target['stage']
    readonly isReadOnly: boolean
    /** Of the rules, how many stand there. */
    readonly standing: number
  }[]
  readonly given: NewChangeShown
  readonly problems: FieldProblems
  /** Why it was not opened, where no field is to blame. */
  readonly refusal: string | null
  readonly itemsMax: number
}

/** What can be asked for by hand. */
const ACTS: readonly (readonly [ChangeAction | '', string])[] = [
  ['', 'Write the newest version'],
  ['pause', 'Pause'],
  ['resume', 'Resume'],
  ['remove', 'Remove'],
  ['adopt', 'Take over: write from here what is only watched'],
  ['unmanage', 'Let go, and leave it as it stands'],
]

export const NewChangePage = (props: NewChangePageProps) =>
  props.count === 0 ? <NoRules {...props} /> : <ChangeForm {...props} />

const NoRules = ({ rules }: NewChangePageProps) => (
  <>
    <Head title="New change" />
    <section class="panel" aria-label="New change">
      <Empty
        icon="list-checks"
        title="Which rules?"
        actions={
          <LinkButton kind="primary" href={rules}>
            Choose rules
          </LinkButton>
        }
      >
        Tick rules in the list, or all that match its filter, and press “Deploy”. The page of a rule
        has it, too.
      </Empty>
    </section>
  </>
)

const ChangeForm = (props: NewChangePageProps) => {
  const { path, given, problems, refusal } = props
  return (
    <>
      <Head
        title={`New change to ${count(props.count, 'rule')}`}
        meta={['Nothing is written yet: first it is shown what would be']}
      />
      {refusal !== null && (
        <div class="standing">
          <Notice tone="bad" title="The change was not opened.">
            {refusal}
          </Notice>
        </div>
      )}
      <form method="post" action={path} class="halves halves-wide">
        {Object.entries(props.chosen).map(([name, value]) => (
          <input type="hidden" name={name} value={value} />
        ))}
        <div class="stack">
          <Panel title="What and why" id="what">
            <PanelBody>
              <WhatAndWhy given={given} problems={problems} />
              <Field name="act" label="What is to become of them" problems={problems}>
                {(attributes) => <Select {...attributes} value={given.act} options={ACTS} />}
              </Field>
            </PanelBody>
          </Panel>
          <Offered {...props} />
          <div class="row">
            <Button kind="primary">Show what would be written</Button>
            <LinkButton href={path}>Cancel</LinkButton>
          </div>
        </div>
        <Which {...props} />
      </form>
    </>
  )
}

const Offered = ({ offered, given, problems, targets, count: rules }: NewChangePageProps) => (
  <Panel title="On which targets" id="targets">
    {offered.length === 0 ? (
      <Empty
        icon="crosshair"
        title="There is no target"
        actions={<LinkButton href={targets}>Targets</LinkButton>}
      >
        Rules are deployed to targets; add one, or use the sandbox.
      </Empty>
    ) : (
      <fieldset class="rows" aria-describedby={problems['targets'] && 'error-targets'}>
        <legend class="vh">Targets</legend>
        {problems['targets'] && (
          <p class="error c-bad small panel-body" id="error-targets">
            {problems['targets']}
          </p>
        )}
        {offered.map((one) => (
          <div class="target-pick">
            <Check
              name="targets"
              value={one.id}
              checked={given.targetIds.includes(one.id)}
              disabled={one.isReadOnly}
              label={
                <b class="break">
                  <Foreign text={one.name} />
                </b>
              }
            />
            <span class="muted small">
              {KIND_NAMES[one.kind]}, {STAGE_WORDS[one.stage]}
            </span>
            <span class="push row-s">
              {one.isReadOnly && <Badge icon="lock">read-only</Badge>}
              <span class="muted small">
                {one.standing === 0
                  ? 'none stands there'
                  : `${formatNumber(one.standing)} of ${formatNumber(rules)} ${
                      one.standing === 1 ? 'stands' : 'stand'
                    } there`}
              </span>
            </span>
          </div>
        ))}
      </fieldset>
    )}
  </Panel>
)

const Which = ({ titles, count: total, itemsMax }: NewChangePageProps) => (
  <Panel title="Which rules" id="which" sub={count(total, 'rule')}>
    <TitleRows titles={titles} total={total} />
    {total > itemsMax && (
      <Notice tone="warn" title={`A change holds at most ${formatNumber(itemsMax)} items.`}>
        Narrow the list, or make several.
      </Notice>
    )}
  </Panel>
)
