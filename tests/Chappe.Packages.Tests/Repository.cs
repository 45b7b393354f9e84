using System.Reflection;

namespace Chappe.Packages.Tests;

/// <summary>Where this was built, and how.</summary>
internal static class Repository
{
    internal static string Root { get; } = Metadata("Repository");

    internal static string Configuration { get; } = Metadata("Configuration");

    /// <summary>Its home, which packages and pages link to.</summary>
    internal static string Url { get; } = Metadata("RepositoryUrl");

    private static string Metadata(string key) =>
        typeof(Repository).Assembly.GetCustomAttributes<AssemblyMetadataAttribute>().Single(attribute => attribute.Key == key).Value!;
}
