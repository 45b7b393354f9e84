using Chappe.Tool;

return await CommandLine.RunAsync(args);
