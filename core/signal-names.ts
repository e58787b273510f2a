// The names that outside protocols have for what they ask about, apart from the schema, which no page has to load.

/** Google Consent Mode v2: the seven consent types. */
export const GOOGLE_TYPES = [
  'ad_storage', 'ad_user_data', 'ad_personalization', 'analytics_storage', 'functionality_storage', 'personalization_storage', 'security_storage',
] as const

/** WP Consent API: the five categories. */
export const WORDPRESS_CATEGORIES = ['functional', 'preferences', 'statistics-anonymous', 'statistics', 'marketing'] as const

/** Shopify's Customer Privacy API: what a visitor is asked about. */
export const SHOPIFY_USES = ['analytics', 'marketing', 'preferences', 'sale_of_data'] as const

