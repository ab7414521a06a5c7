// Who decided about a change and who still may: those that count, those that count no longer with the
// reason, the places that are free, and why others cannot take them.

import type { ChangeSignature, Signer } from '#domain/changes/change.ts'
import { Avatar, TONE_ICONS } from '#views/parts/badge.tsx'
import { clip, count } from '#views/parts/format.ts'
import { Icon } from '#views/parts/icon.tsx'
import { Panel } from '#views/parts/panel.tsx'
import { Foreign, Time } from '#views/parts/text.tsx'
import type { ChangePageProps } from './change-page.tsx'
import { DECISION_WORDS } from './words.tsx'

const NAMED_MAX = 8

export const Signatures = ({ whole }: ChangePageProps) => {
  const { change, signatures, whoMaySign } = whole
  const { signaturesNeeded, signatureCount } = change
  const left = Math.max(0, signaturesNeeded - signatureCount)
  const isAsked = change.state === 'draft' || change.state === 'in_review'
  const signed = new Set(
    signatures.filter((one) => one.voidedBecause === null).map((one) => one.userId),
  )
  const others = whoMaySign.filter(({ userId }) => !signed.has(userId))
  return (
    <Panel
      title="Signatures"
      id="signatures"
      sub={
        signaturesNeeded === 0
          ? 'none needed: review is off'
          : `${signatureCount} of ${signaturesNeeded}`
      }
    >
      <ul class="sigs">
        {signatures.map((signature) => (
          <Signature signature={signature} />
        ))}
        {isAsked && left > 0 && <Free left={left} who={others} first={signatureCount + 1} />}
        {signatures.length === 0 && (signaturesNeeded === 0 || !isAsked) && (
          <li>
            <span></span>
            <span class="muted">Nobody signed it.</span>
          </li>
        )}
      </ul>
      {isAsked && signaturesNeeded > 0 && <WhoNot who={whoMaySign} />}
    </Panel>
  )
}

const Signature = ({ signature }: { signature: ChangeSignature }) => {
  const { name, decision, at, voidedBecause, isPasskey, comment } = signature
  const [tone, words] = DECISION_WORDS[decision]
  const how = `${words}${isPasskey ? ' with a passkey' : ''}`
  return (
    <li class={voidedBecause === null ? undefined : 'stale'} data-tone={tone}>
      <Avatar name={name} size="l" />
      <div>
        <p class="break">
          {voidedBecause === null ? (
            <b>
              <Foreign text={name} />
            </b>
          ) : (
            <s>
              <Foreign text={name} />
            </s>
          )}
        </p>
        <p class="muted small">
          {voidedBecause === null ? how : <s>{how}</s>}, <Time at={at} />
        </p>
        {comment !== '' && (
          <p class="small break" dir="auto">
            {clip(comment, 500)}
          </p>
        )}
        {voidedBecause !== null && (
          <p class="small c-warn break" dir="auto">
            Void: {voidedBecause}
          </p>
        )}
      </div>
      {voidedBecause === null && (
        <span class="sig-mark">
          <Icon name={TONE_ICONS[tone]} />
        </span>
      )}
    </li>
  )
}

const Free = ({ left, who, first }: { left: number; who: readonly Signer[]; first: number }) => {
  const able = who.filter(({ whyNot }) => whyNot === null)
  return (
    <li>
      <span class="avatar avatar-l slot" aria-hidden="true">
        {first}
      </span>
      <div>
        <p>{left === 1 ? 'One more' : `${left} more`}</p>
        <p class="muted small break">
          {able.length === 0 ? (
            <span class="c-warn">Nobody here may sign it.</span>
          ) : (
            <>by {listOfNames(able)}</>
          )}
        </p>
      </div>
    </li>
  )
}

function listOfNames(who: readonly Signer[]): string {
  const names = who.slice(0, NAMED_MAX).map(({ name }) => clip(name, 60))
  const more = who.length - names.length
  return more > 0 ? `${names.join(', ')} and ${count(more, 'other')}` : names.join(', ')
}

const WhoNot = ({ who }: { who: readonly Signer[] }) => {
  const unable = who.filter(({ whyNot }) => whyNot !== null)
  if (unable.length === 0) return null
  return (
    <details class="sent">
      <summary class="small">
        <Icon name="chevron-down" size="s" /> Who may not, and why
      </summary>
      <ul class="small stack-s">
        {unable.slice(0, 20).map(({ name, whyNot }) => (
          <li class="break">
            <b>
              <Foreign text={clip(name, 60)} />
            </b>{' '}
            <span class="muted">{whyNot}</span>
          </li>
        ))}
      </ul>
    </details>
  )
}
