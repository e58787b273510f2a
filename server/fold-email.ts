// When two spellings of an e-mail address mean one contact.

/**
 * The address as it is looked up: lower case, without white space at the ends. The Kelvin sign stays itself:
 * its lower case is the plain letter k, and two different mailboxes must never become one.
 */
export function foldEmail(email: string): string {
  return email.trim().replace(/[^\u212A]+/g, (part) => part.toLowerCase())
}
