/** Shown for an address that is not there, at any depth: so it needs no asset, and says it in both languages. */
export function NotFound({ home }: { home: string | undefined }) {
  return (
    <main>
      <h1>There is no such page</h1>
      <p>The address may be mistyped, or the page has moved.</p>
      {home !== undefined && (
        <p>
          <a href={`${home}en/`}>Go to the course</a>
        </p>
      )}
      <div lang="zh-Hans">
        <h1>没有这个页面</h1>
        <p>地址可能输错了，也可能页面已经移走。</p>
        {home !== undefined && (
          <p>
            <a href={`${home}zh/`}>回到课程</a>
          </p>
        )}
      </div>
    </main>
  );
}
