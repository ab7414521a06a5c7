// Dialogs and menus that the browser itself opens: `commandfor` and `popovertarget` need no script and
// no handler. A dialog only asks for a decision; it names the object and the consequence.

import type { Child } from 'hono/jsx'
import { Button } from './button.tsx'
import { Icon } from './icon.tsx'
import type { IconName } from './icons.ts'

/** The button that opens the dialog, and the dialog with the form that does the act. */
export const Confirm = (props: {
  /** Unique on the page. */
  id: string
  opener: string
  openerIcon?: IconName
  /** Danger unless said otherwise; the button inside looks the same. */
  kind?: 'danger' | 'primary' | 'plain'
  /** More attributes of the opener: its size, its key. */
  button?: Readonly<Record<string, string>>
  question: string
  consequence: Child
  keep: string
  verb: string
  /** Where the form posts to. */
  path: string
  /** More attributes of the form: `hx()`. */
  form?: Readonly<Record<string, string>>
  /** What the form sends beside the act. */
  fields?: Readonly<Record<string, string>>
  /** What the form asks for. Something in it takes the focus, or the way out does. */
  children?: Child
}) => (
  <>
    <Button
      type="button"
      kind={props.kind ?? 'danger'}
      {...props.button}
      commandfor={props.id}
      command="show-modal"
      {...(props.openerIcon ? { icon: props.openerIcon } : {})}
    >
      {props.opener}
    </Button>
    <dialog class="dialog" id={props.id} aria-labelledby={`${props.id}-title`}>
      <form method="post" action={props.path} {...props.form}>
        <div class="dialog-head">
          <h2 id={`${props.id}-title`}>{props.question}</h2>
        </div>
        <div class="dialog-body">
          <p>{props.consequence}</p>
          {props.children}
        </div>
        {Object.entries(props.fields ?? {}).map(([name, value]) => (
          <input type="hidden" name={name} value={value} />
        ))}
        <div class="dialog-foot">
          <Button
            type="button"
            commandfor={props.id}
            command="close"
            autofocus={props.children === undefined}
          >
            {props.keep}
          </Button>
          <Button kind={(props.kind ?? 'danger') === 'danger' ? 'danger-solid' : 'primary'}>
            {props.verb}
          </Button>
        </div>
      </form>
    </dialog>
  </>
)

export interface MenuLink {
  readonly href: string
  readonly label: string
  readonly icon: IconName
}

/** Rare acts behind one button; dangerous ones last. */
export const Menu = (props: { id: string; label: string; links: readonly MenuLink[] }) => (
  <>
    <Button type="button" icon="ellipsis" iconOnly popovertarget={props.id}>
      {props.label}
    </Button>
    <Popover id={props.id} label={props.label} isSmall>
      <div class="menu-list">
        {props.links.map((link) => (
          <a href={link.href}>
            <Icon name={link.icon} />
            {link.label}
          </a>
        ))}
      </div>
    </Popover>
  </>
)

export const Popover = (props: {
  id: string
  label: string
  isSmall?: boolean
  children?: Child
}) => (
  <div
    class={props.isSmall ? 'pop pop-s' : 'pop'}
    id={props.id}
    popover="auto"
    role="group"
    aria-label={props.label}
  >
    {props.children}
  </div>
)
