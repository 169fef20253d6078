export default function MigrationsPage() {
  return <div class="page"><h1>MigrationsPage</h1></div>;
}
