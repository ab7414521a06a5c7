// One exclusion: what it excludes and from which rules, until when and why, what it leaves of them; to
// end it, prolong it, edit it; and every text it had.

import type { ExclusionVersion } from '#domain/rules/exclusions/exclusion.ts'
import type { ExclusionShown } from '#domain/rules/exclusions/looking.ts'
import type { Actor } from '#kernel/actor.ts'
import { describeActor } from '#views/parts/actor.tsx'
import { TONE_ICONS } from '#views/parts/badge.tsx'
import { Button, LinkButton } from '#views/parts/button.tsx'
import { Confirm } from '#views/parts/dialog.tsx'
import { Field } from '#views/parts/field.tsx'
import { clip } from '#views/parts/format.ts'
import { Icon } from '#views/parts/icon.tsx'
import { Notice } from '#views/parts/notice.tsx'
import { Facts, Head, Panel, PanelBody } from '#views/parts/panel.tsx'
import { ExactTime, Foreign, NumberedCode, Time } from '#views/parts/text.tsx'
import { CountHidden, HitsHidden } from './hits-hidden.tsx'
import { ExclusionStateBadge, LastDay, marksOf } from './marks.tsx'

export interface ExclusionPageProps {
  /** `/w/acme/exclusions/exc_…`, and of the list of rules. */
  readonly path: string
  readonly rules: string
  readonly one: ExclusionShown & { readonly isEnding: boolean }
  /** Newest first. */
  readonly versions: readonly ExclusionVersion[]
  readonly names: ReadonlyMap<Actor, string>
  /** The last day it may be given now, `YYYY-MM-DD`. */
  readonly lastDay: string
  readonly mayWrite: boolean
  readonly mayCount: boolean
  /** Of the form that prolongs, when it was refused. */
  readonly refusal: string | null
}

export const ExclusionPage = (props: ExclusionPageProps) => {
  const { one, path, mayWrite, versions } = props
  return (
    <>
      <Head
        title={one.title}
        badge={<ExclusionStateBadge of={one.state} />}
        actions={
          mayWrite && (
            <>
              {one.state !== 'ended' && <EndNow {...props} />}
              <LinkButton kind="primary" href={`${path}/edit`} data-keys="e">
                Edit
              </LinkButton>
            </>
          )
        }
        meta={[
          <Foreign text={`Owner ${one.owner}`} />,
          <>
            Version {one.version}, changed <Time at={one.updatedAt} />
          </>,
        ]}
      />
      <div class="stack">
        {props.refusal !== null && (
          <Notice tone="bad" title="This was not saved.">
            {props.refusal}
          </Notice>
        )}
        <div class="halves halves-wide">
          <div class="stack">
            <Panel title="What it excludes" id="says">
              <PanelBody>
                {one.marks.says.map((line) => (
                  <p class="break" dir="auto">
                    {line}
                  </p>
                ))}
                <h3>Why</h3>
                <p class="prose break" dir="auto">
                  {one.reason}
                </p>
              </PanelBody>
            </Panel>
            <Panel title="Text" id="text">
              <NumberedCode
                label="Text of the exclusion"
                text={versions[0]?.text ?? ''}
                isWrapped
              />
            </Panel>
          </div>
          <Side {...props} />
        </div>
        <Versions versions={versions} names={props.names} />
      </div>
    </>
  )
}

const Side = (props: ExclusionPageProps) => {
  const { one } = props
  const marks = marksOf(one, one.isEnding)
  return (
    <div class="stack">
      <Panel title="To know" id="marks">
        {marks.length === 0 ? (
          <PanelBody>
            <p class="muted">
              Nothing stands out: no test case turns, and no other exclusion overlaps with it.
            </p>
          </PanelBody>
        ) : (
          <ul class="problems">
            {marks.map(({ tone, sentence }) => (
              <li data-tone={tone}>
                <Icon name={TONE_ICONS[tone]} size="s" />
                <p class="break" dir="auto">
                  {sentence}
                </p>
              </li>
            ))}
          </ul>
        )}
      </Panel>
      <Panel title="Facts" id="facts">
        <PanelBody>
          <Facts
            facts={[
              ['Rules', <RulesOf {...props} />],
              ['Last day', <LastDay of={one} />],
              ['Hits hidden', <HitsHidden hidden={one.hidden} />],
            ]}
          />
          {props.mayCount && one.state === 'in_force' && <CountHidden path={props.path} />}
        </PanelBody>
      </Panel>
      {props.mayWrite && <Prolong {...props} />}
    </div>
  )
}

const RulesOf = ({ one, rules }: ExclusionPageProps) =>
  one.rules.length === 0 ? (
    <span class="muted">none that is still here</span>
  ) : (
    <>
      {one.rules.map(({ id, title }) => (
        <div class="break">
          <a href={`${rules}/${id}`}>
            <Foreign text={clip(title, 200)} />
          </a>
        </div>
      ))}
    </>
  )

const EndNow = ({ one, path }: ExclusionPageProps) => (
  <Confirm
    id="end-now"
    opener="End now"
    question={`End "${clip(one.title, 80)}" now?`}
    consequence="Its rules find again what it hid, as soon as they are compiled. Its history stays."
    keep="Keep it"
    verb="End it"
    path={`${path}/end`}
    fields={{ version: String(one.version) }}
  />
)

const Prolong = ({ one, path, lastDay }: ExclusionPageProps) => (
  <Panel title={one.state === 'ended' ? 'Put in force again' : 'Prolong'} id="prolong">
    <PanelBody>
      <form method="post" action={`${path}/term`} class="stack-s">
        <input type="hidden" name="version" value={one.version} />
        <Field name="ends" label="Last day" hint={`Up to ${lastDay}, 90 days from now.`}>
          {(attributes) => (
            <input {...attributes} type="date" max={lastDay} value={lastDay} required />
          )}
        </Field>
        <Field name="why" label="Why it is still needed">
          {(attributes) => <input {...attributes} type="text" required maxlength={2_000} />}
        </Field>
        <div>
          <Button>{one.state === 'ended' ? 'Put in force' : 'Prolong'}</Button>
        </div>
      </form>
    </PanelBody>
  </Panel>
)

const Versions = ({ versions, names }: Pick<ExclusionPageProps, 'versions' | 'names'>) => (
  <Panel title="Versions" id="versions">
    <ol class="rows">
      {versions.map(({ number, why, createdBy, createdAt, text }) => (
        <li>
          <span class="mono">v{number}</span>
          <span class="grow break">
            {why === '' ? (
              <span class="muted">{number === 1 ? 'Added' : 'No reason given'}</span>
            ) : (
              <Foreign text={why} />
            )}
            <details>
              <summary class="small">Text</summary>
              <NumberedCode label={`Text of version ${number}`} text={text} isWrapped />
            </details>
          </span>
          <span class="muted small">
            <bdi>{describeActor(createdBy, names)}</bdi> <ExactTime at={createdAt} />
          </span>
        </li>
      ))}
    </ol>
  </Panel>
)
