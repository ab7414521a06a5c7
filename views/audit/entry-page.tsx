// One entry of the audit log and why it can be believed: what was recorded, what its hash is made of,
// and the path from that hash to a root that was signed.

import type { AuditEntryShown } from '#domain/audit/actions.ts'
import type { Instant } from '#kernel/time.ts'
import type { InclusionProof } from '#platform/audit/proofs.ts'
import { Badge } from '#views/parts/badge.tsx'
import { LinkButton } from '#views/parts/button.tsx'
import { count, formatNumber } from '#views/parts/format.ts'
import { Icon } from '#views/parts/icon.tsx'
import { Notice } from '#views/parts/notice.tsx'
import { Facts, Head, Panel, PanelBody } from '#views/parts/panel.tsx'
import { Code, ExactTime, Time } from '#views/parts/text.tsx'
import { factsOf, OUTCOME_MARKS } from './entry.tsx'
import { describeAction } from './words.ts'

export interface EntryPageProps {
  /** `/w/acme/audit`. */
  readonly path: string
  readonly shown: AuditEntryShown
}

export const EntryPage = ({ path, shown }: EntryPageProps) => {
  const { item, proof } = shown
  const [icon, tone] = OUTCOME_MARKS[item.outcome]
  return (
    <>
      <Head
        title={describeAction(item.action, item.outcome)}
        badge={
          <Badge icon={icon} {...(tone && { tone })}>
            {item.outcome}
          </Badge>
        }
        actions={
          <LinkButton href={path} icon="chevron-left">
            Audit
          </LinkButton>
        }
        meta={[
          `Entry ${formatNumber(item.seq)}`,
          <ExactTime at={item.at as Instant} />,
          proof === null ? 'Not signed yet' : <Signed proof={proof} />,
        ]}
      />
      <div class="stack">
        <Panel id="recorded" title="What was recorded">
          <PanelBody>
            <div class="stack">
              <Facts facts={factsOf(item, path)} />
              <Code label="Recorded data" text={JSON.stringify(item.data, null, 2)} />
            </div>
          </PanelBody>
        </Panel>
        <Commitment shown={shown} />
        <Proof proof={proof} />
      </div>
    </>
  )
}

const Signed = ({ proof: { head } }: { proof: InclusionProof }) => (
  <>
    <span>Signed with {count(head.size, 'entry', 'entries')}</span> <Time at={head.at as Instant} />
  </>
)

const Commitment = ({ shown }: { shown: AuditEntryShown }) => {
  const { text, personalText, salt, item, proof } = shown
  return (
    <Panel id="commitment" title="What it commits to">
      <PanelBody>
        <div class="stack">
          <p>
            Its hash is the SHA-256 of a zero byte and this text. Whoever changes one character of
            it gets another hash.
          </p>
          <Code label="Text under the hash" text={text} />
          {proof !== null && <Hash term="Hash" value={proof.leaf.toString('hex')} />}
          {personalText !== null && (
            <>
              <p>
                Who and from where stand in it only as <code>personal</code>: the SHA-256 of sixteen
                random bytes and this text. Both can be erased without changing the hash.
              </p>
              <Code label="Personal data" text={personalText} />
              {salt !== null && <Hash term="Random bytes" value={salt} />}
            </>
          )}
          {item.erased !== null && (
            <p>
              Who and from where were erased. What is left of them is <code>personal</code>, a hash
              that tells nothing.
            </p>
          )}
        </div>
      </PanelBody>
    </Panel>
  )
}

const Proof = ({ proof }: { proof: InclusionProof | null }) => (
  <Panel id="proof" title="Proof">
    <PanelBody>
      {proof === null ? (
        <Notice tone="unknown" title="No checkpoint covers this entry yet.">
          The next one is signed within a minute of it, or after 256 entries.
        </Notice>
      ) : (
        <div class="stack">
          <p class="proof-ok">
            <Icon name="shield-check" />
            <span>
              {proof.path.length === 0
                ? 'The hash is the signed root itself.'
                : `${count(proof.path.length, 'hash', 'hashes')} lead from the entry to the root that is signed below, as RFC 6962 has it. This was computed now.`}
            </span>
          </p>
          {proof.path.length > 0 && (
            <details>
              <summary>
                <Icon name="chevron-down" size="s" /> The path, from the entry to the root
              </summary>
              <ol class="mono small break">
                {proof.path.map((hash) => (
                  <li>{hash.toString('hex')}</li>
                ))}
              </ol>
            </details>
          )}
          <Code label="Signed checkpoint" text={proof.head.note.trimEnd()} />
          <p class="muted small">
            A signed note of C2SP: name of the log, entries, root, signature. Compare it with the
            checkpoints kept outside, or prove an export with <code>rulewright audit verify</code>.
          </p>
        </div>
      )}
    </PanelBody>
  </Panel>
)

const Hash = ({ term, value }: { term: string; value: string }) => (
  <Facts facts={[[term, <span class="mono break">{value}</span>]]} />
)
