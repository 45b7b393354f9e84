#!/usr/bin/env dotnet
// Renders the drawings beside this file to the pictures in samples/images:  dotnet run draw.cs
#:package NetVips
#:package NetVips.Native
#:property PublishAot=false
#:property EnforceCodeStyleInBuild=false

using NetVips;

var drawings = (string)AppContext.GetData("EntryPointFileDirectoryPath")!;
string pictures = Path.GetFullPath(Path.Combine(drawings, "..", "images"));
Directory.CreateDirectory(pictures);

Opaque("apple").Jpegsave(Picture("apple.jpg"), q: 86, optimizeCoding: true, interlace: true);
Drawing("ball").Pngsave(Picture("ball.png"), compression: 9, palette: false, filter: Enums.ForeignPngFilter.All);
Opaque("car").Webpsave(Picture("car.webp"), q: 82, effort: 6);
Opaque("dog").Heifsave(Picture("dog.avif"), q: 60, compression: Enums.ForeignHeifCompression.Av1, effort: 7);
Deep("hills").Pngsave(Picture("hills.png"), compression: 9, filter: Enums.ForeignPngFilter.All);
Opaque("tower").Pngsave(Picture("tower.png"), compression: 9, palette: true, dither: 1, effort: 10);
Opaque("moon").Colourspace(Enums.Interpretation.Bw).Jpegsave(Picture("moon.jpg"), q: 84, optimizeCoding: true);

foreach (FileInfo picture in new DirectoryInfo(pictures).GetFiles().OrderBy(file => file.Name, StringComparer.Ordinal))
{
    using Image image = Image.NewFromFile(picture.FullName);
    Console.WriteLine($"{picture.Name,-10} {picture.Length,8} bytes  {image.Width} × {image.Height} × {image.Bands} {image.Format}");
}

string Picture(string name) => Path.Combine(pictures, name);

Image Drawing(string name, double scale = 1) => Image.Svgload(Path.Combine(drawings, name + ".svg"), scale: scale).CopyMemory();

Image Opaque(string name) => Drawing(name).Flatten(background: [0, 0, 0]).Copy(interpretation: Enums.Interpretation.Srgb);

// A drawing is rendered with 8 bits a sample; the mean of 3 × 3 of them has 11. Bits below those would be noise, which does not compress.
Image Deep(string name) => Drawing(name, scale: 2.5)
    .Flatten(background: [0, 0, 0])
    .Linear([257.0], [0.0])
    .Shrink(3, 3)
    .Linear([1.0 / 32], [0.0])
    .Cast(Enums.BandFormat.Ushort)
    .Linear([65535.0 / 2047], [0.5])
    .Cast(Enums.BandFormat.Ushort)
    .Copy(interpretation: Enums.Interpretation.Rgb16);
