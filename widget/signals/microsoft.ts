// Microsoft Advertising (UET) consent mode and Clarity's Consent API v2: denied until granted, said again for each decision.
// https://help.ads.microsoft.com/#apex/ads/en/60119 · https://learn.microsoft.com/en-us/clarity/setup-and-installation/clarity-consent-api-v2
import type { Extra } from '../../core/protocol.ts'
import type { Signals } from '../../core/signals.ts'
import { type IsAllowed, isDecided, isMeant } from '../meaning.ts'

interface MicrosoftWindow {
  uetq?: { push: (...command: unknown[]) => unknown }
  clarity?: { (...command: unknown[]): void; q?: unknown[] }
}

/** Says it to both queues, which the tags read when they come. */
export function createMicrosoft(meanings: NonNullable<Signals['microsoft']>): Extra {
  const page = window as unknown as MicrosoftWindow
  // A tag that comes later puts its own object in their place, so both are looked up at each call.
  page.uetq ??= [] as unknown[]
  page.clarity ??= function queue() {
    // oxlint-disable-next-line prefer-rest-params
    (page.clarity!.q ??= []).push(arguments)
  }
  const say = (kind: 'default' | 'update', isAllowed: IsAllowed) => {
    const state = (name: string) => (isMeant(meanings, name, isAllowed) ? 'granted' : 'denied')
    page.uetq!.push('consent', kind, { ad_storage: state('ad_storage') })
    // Spelled with a capital S there.
    page.clarity!('consentv2', { ad_Storage: state('ad_storage'), analytics_Storage: state('analytics_storage') })
  }

  say('default', () => false)
  return (isAllowed, letters, banner) => {
    if (!banner && isDecided(letters)) say('update', isAllowed)
  }
}
