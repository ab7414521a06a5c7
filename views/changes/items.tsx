// What a change does, item by item: what it means, then the fields of the body that become others. The
// text and the whole body stand on a page of their own.

import type { ChangeItem } from '#domain/changes/change.ts'
import { LinkButton } from '#views/parts/button.tsx'
import { clip, count, formatNumber } from '#views/parts/format.ts'
import { Icon } from '#views/parts/icon.tsx'
import { Empty } from '#views/parts/notice.tsx'
import { Panel } from '#views/parts/panel.tsx'
import { Pager } from '#views/parts/table.tsx'
import { Foreign, Time } from '#views/parts/text.tsx'
import type { ChangePageProps } from './change-page.tsx'
import { narrowed } from './narrowed.ts'
import type { FieldShown, ItemShown } from './shown.ts'
import { ACTION_ICONS, ACTION_SENTENCES, ACTION_WORDS } from './words.tsx'

const FIELDS_SHOWN = 8
const SENTENCES_SHOWN = 20
/** A longer value is cut to where it differs; the whole stands on the page of the item. */
const VALUE_CHARS = 160
const SHOWN_CHARS = 800

export const Items = ({ path, whole, shown, offset }: ChangePageProps) => {
  const { items, change } = whole
  const last = offset + shown.length
  return (
    <section class="stack" id="items" aria-label="What changes">
      {change.why !== '' && (
        <p class="why-box" dir="auto">
          <Icon name="info" size="s" />
          <span>
            <span class="muted">Why: </span>
            {change.why}
          </span>
        </p>
      )}
      {shown.length === 0 && (
        <Panel title="What changes" id="none">
          <Empty icon="check" title="Nothing would be written">
            Everything that this change names stands on its targets already, as it would be written.
          </Empty>
        </Panel>
      )}
      {shown.map((one) => (
        <Item shown={one} path={path} />
      ))}
      {items.length > shown.length && (
        <div class="panel">
          <Pager
            words={['First', 'Next']}
            shown={`${offset + 1} to ${last} of ${count(items.length, 'item')}`}
            first={offset === 0 ? null : path}
            next={last < items.length ? `${path}?from=${last + 1}` : null}
          />
        </div>
      )}
    </section>
  )
}

const Item = ({ shown, path }: { shown: ItemShown; path: string }) => {
  const { item, fields } = shown
  const { number, ruleTitle, targetName, action } = item
  return (
    <section class="panel" id={`item-${number}`} aria-labelledby={`item-${number}-title`}>
      <div class="panel-head">
        <h2 id={`item-${number}-title`} class="break">
          <a href={`${path}/items/${number}`} data-row>
            <Foreign text={clip(ruleTitle, 200)} />
          </a>
        </h2>
        <span class="sub">
          {versionsOf(item)} on <Foreign text={targetName} class="break" />
        </span>
        <span class="push row-s">
          <span class="chip">
            <Icon name={ACTION_ICONS[action]} size="s" />
            {ACTION_WORDS[action]}
          </span>
          <LinkButton size="s" href={`${path}/items/${number}`}>
            Text and body
            <span class="vh">
              {' '}
              of {clip(ruleTitle, 80)} on {targetName}
            </span>
          </LinkButton>
        </span>
      </div>
      <Means shown={shown} path={path} />
      {fields.length > 0 && action !== 'add' && <Fields fields={fields} />}
    </section>
  )
}

/** What becomes another, in sentences. */
const Means = ({ shown, path }: { shown: ItemShown; path: string }) => {
  const { item, sentences, unsaid } = shown
  const { number, action, switches } = item
  // What is not a change of a text is said in one line.
  const changes = action === 'change' ? sentences : []
  return (
    <ul class="means">
      {action !== 'change' && (
        <li>
          <Icon name={ACTION_ICONS[action]} />
          <span dir="auto" class="break">
            {[ACTION_SENTENCES[action], ...sentences].join(' · ')}
          </span>
        </li>
      )}
      {changes.slice(0, SENTENCES_SHOWN).map((sentence) => (
        <li>
          <Icon name="arrow-right" />
          <span dir="auto" class="break">
            {clip(sentence, 1_000)}
          </span>
        </li>
      ))}
      {changes.length > SENTENCES_SHOWN && (
        <li>
          <Icon name="ellipsis" />
          <span class="muted">and {formatNumber(changes.length - SENTENCES_SHOWN)} more</span>
        </li>
      )}
      {action === 'change' && changes.length === 0 && (
        <li>
          <Icon name="info" />
          <span class="muted">
            {unsaid ??
              'The text of the rule is the same: what it is made with became another, such as a mapping, an exclusion or a release of the product'}
          </span>
        </li>
      )}
      {switches.map(({ at }, index) => (
        <li>
          <Icon name="clock" />
          <span>
            <Time at={at} /> exclusions end, and{' '}
            <a href={`${path}/items/${number}#switch-${index + 1}`}>what runs without them</a> is
            deployed by itself.
          </span>
        </li>
      ))}
    </ul>
  )
}

export function versionsOf({ replaces, version }: ChangeItem): string {
  const from = replaces?.version ?? null
  if (version === null) return from === null ? 'what stands' : `version ${from}`
  return from === null || from === version ? `version ${version}` : `version ${from} to ${version}`
}

const Fields = ({ fields }: { fields: readonly FieldShown[] }) => (
  <details class="fields-differ" open={fields.length <= FIELDS_SHOWN}>
    <summary>
      <Icon name="chevron-down" size="s" />
      {count(fields.length, 'field')} of the body {fields.length === 1 ? 'becomes' : 'become'}{' '}
      another
    </summary>
    <dl>
      {fields.map((one) => {
        const { field, from, to } = narrow(one)
        return (
          <>
            <dt class="mono break">{field}</dt>
            <dd>
              <Value of={from} is="del" /> <Icon name="arrow-right" size="s" />
              <span class="vh"> becomes </span> <Value of={to} is="ins" />
            </dd>
          </>
        )
      })}
    </dl>
  </details>
)

/** To where they differ, if both are there and long. */
export function narrow({ field, from, to }: FieldShown): FieldShown {
  if (from === null || to === null) return { field, from, to }
  const [before, after] = narrowed(from, to, VALUE_CHARS)
  return { field, from: before, to: after }
}

export const Value = ({ of, is }: { of: string | null; is: 'del' | 'ins' }) =>
  of === null ? (
    <span class="muted">nothing</span>
  ) : is === 'del' ? (
    <del class="mono break" dir="auto">
      {clip(of, SHOWN_CHARS)}
    </del>
  ) : (
    <ins class="mono break" dir="auto">
      {clip(of, SHOWN_CHARS)}
    </ins>
  )
