// Buttons and links that look like one. A page has one primary; the words name the act and its
// object.

import type { Child } from 'hono/jsx'
import { classes, Icon } from './icon.tsx'
import type { IconName } from './icons.ts'

type Kind = 'plain' | 'primary' | 'quiet' | 'danger' | 'danger-solid'

interface Look {
  readonly kind?: Kind
  readonly size?: 's' | 'big'
  readonly icon?: IconName
  /** The words are for a screen reader only; the icon stands alone. */
  readonly iconOnly?: boolean
  readonly class?: string
  readonly children?: Child
}

type Attributes = Readonly<Record<string, unknown>>

/** `type` is submit unless said otherwise. More attributes (`hx()`, `commandfor`) ride along. */
export const Button = ({
  kind,
  size,
  icon,
  iconOnly,
  class: own,
  children,
  ...rest
}: Look & Attributes) => (
  <button class={looks({ kind, size, iconOnly, class: own })} {...rest}>
    <Inside icon={icon} iconOnly={iconOnly} size={size}>
      {children}
    </Inside>
  </button>
)

export const LinkButton = ({
  href,
  kind,
  size,
  icon,
  iconOnly,
  class: own,
  children,
  ...rest
}: Look & Attributes & { href: string }) => (
  <a href={href} class={looks({ kind, size, iconOnly, class: own })} {...rest}>
    <Inside icon={icon} iconOnly={iconOnly} size={size}>
      {children}
    </Inside>
  </a>
)

const Inside = ({ icon, iconOnly, size, children }: Look) => (
  <>
    {icon && <Icon name={icon} {...(size === 's' ? { size } : {})} />}
    {iconOnly ? <span class="vh">{children}</span> : children}
  </>
)

function looks({ kind, size, iconOnly, class: own }: Look): string {
  const isKind = kind !== undefined && kind !== 'plain'
  return classes('btn', isKind && `btn-${kind}`, size && `btn-${size}`, iconOnly && 'btn-icon', own)
}

export const Kbd = (props: { children?: Child }) => <kbd class="kbd">{props.children}</kbd>
