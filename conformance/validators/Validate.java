// Which files of a folder does the validator of the Java platform find valid? See README.md for the options and the output.

import java.io.File;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import javax.xml.XMLConstants;
import javax.xml.parsers.SAXParserFactory;
import javax.xml.transform.sax.SAXSource;
import javax.xml.validation.Schema;
import javax.xml.validation.SchemaFactory;
import javax.xml.validation.Validator;
import org.xml.sax.ErrorHandler;
import org.xml.sax.InputSource;
import org.xml.sax.SAXException;
import org.xml.sax.SAXParseException;

public final class Validate {
    public static void main(String[] arguments) throws Exception {
        if (arguments.length != 2) {
            System.err.println("usage: java Validate.java SCHEMA FOLDER");
            System.exit(2);
        }
        SchemaFactory factory = SchemaFactory.newInstance(XMLConstants.W3C_XML_SCHEMA_NS_URI);
        factory.setProperty(XMLConstants.ACCESS_EXTERNAL_DTD, "");
        factory.setProperty(XMLConstants.ACCESS_EXTERNAL_SCHEMA, "file");
        Schema schema = factory.newSchema(new File(arguments[0]));
        File[] files = new File(arguments[1]).listFiles((folder, name) -> name.endsWith(".xml"));
        Arrays.sort(files);
        PrintStream out = new PrintStream(System.out, false, StandardCharsets.UTF_8);
        for (File file : files) {
            String complaint = complaint(schema, file);
            out.println(file.getName() + "\t" + (complaint == null ? "valid\t" : "invalid\t" + complaint));
        }
        out.flush();
    }

    /** The first thing that is wrong with a file; null when it is valid. */
    private static String complaint(Schema schema, File file) throws Exception {
        SAXParserFactory parsers = SAXParserFactory.newInstance();
        parsers.setNamespaceAware(true);
        parsers.setFeature("http://apache.org/xml/features/disallow-doctype-decl", true);
        Validator validator = schema.newValidator();
        validator.setErrorHandler(new Strict());
        InputSource source = new InputSource(file.toURI().toString());
        try {
            validator.validate(new SAXSource(parsers.newSAXParser().getXMLReader(), source));
            return null;
        } catch (SAXException | IOException problem) {
            String said = String.valueOf(problem.getMessage()).replaceAll("\\s+", " ");
            return said.substring(0, Math.min(said.length(), 200));
        }
    }

    /** Ends at the first error; warnings are none. */
    private static final class Strict implements ErrorHandler {
        public void warning(SAXParseException warning) {}

        public void error(SAXParseException error) throws SAXException {
            throw error;
        }

        public void fatalError(SAXParseException error) throws SAXException {
            throw error;
        }
    }
}
