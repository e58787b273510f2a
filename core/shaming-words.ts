// Words that make people feel bad about refusing, or that make refusing sound like a loss, in the six largest languages
// of the European Union (EDPB Guidelines 03/2022, “emotional steering”). A notice's labels may hold none of them.

/** By language, in lower case, with curly apostrophes; each is looked for as the beginning of a word. */
export const shamingWords: Readonly<Record<string, readonly string[]>> = {
  en: ['unfortunately', 'sadly', 'miss out', 'missing out', 'i don’t care', 'no thanks, i', 'worse experience', 'degraded', 'unprotected', 'are you sure', 'i hate', 'selfish', 'last chance', 'hurry'],
  de: ['leider', 'verpass', 'schlechtere', 'eingeschränkt', 'ist mir egal', 'nein danke, ich', 'sind sie sicher', 'bist du sicher', 'verzicht', 'letzte chance', 'schade', 'ungeschützt'],
  fr: ['malheureusement', 'dommage', 'tant pis', 'vous manquez', 'moins bonne', 'dégradé', 'êtes-vous sûr', 'non merci, je', 'peu m’importe', 'dernière chance', 'vous privez'],
  it: ['purtroppo', 'peccato', 'ti perdi', 'perderai', 'peggior', 'limitata', 'sei sicuro', 'no grazie, ', 'non mi importa', 'ultima occasione', 'degradat'],
  es: ['lamentablemente', 'lástima', 'te pierdes', 'se pierde', 'peor experiencia', 'limitada', 'está seguro', 'estás seguro', 'no gracias, ', 'no me importa', 'última oportunidad', 'degradad'],
  pl: ['niestety', 'szkoda', 'tracisz', 'stracisz', 'gorsze', 'gorsza', 'ograniczon', 'czy na pewno', 'nie, dziękuję, ', 'nie obchodzi mnie', 'ostatnia szansa'],
}

/** A shaming word in a text of that language; undefined where there is none, or no list. */
export function findShamingWord(text: string, language: string): string | undefined {
  const words = text.toLowerCase().replace(/\s+/g, ' ').replaceAll('\'', '’')
  return shamingWords[language.toLowerCase().split('-')[0]!]?.find((word) => RegExp(`(?<![\\p{L}\\p{N}])${word}`, 'u').test(words))
}
