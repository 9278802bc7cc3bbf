import type { Lang } from "../i18n/text";

export function HomePage({ lang }: { lang: Lang }) {
  return <main>{lang}</main>;
}
