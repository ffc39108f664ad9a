/*
 * What GMime does with a message, for the benchmark: started by ../gmime.js, one run for each line on standard input.
 *
 *   gmime parse <message>      takes it apart and decodes its attachments; prints their octets
 *   gmime compose <content>    writes a message with the file as attachment into new memory; prints its octets
 *   gmime stream <content>     the same to nowhere
 *
 * A line with a path writes what a run gives to that file as well: the attachment, or the message.
 */
#include <gmime/gmime.h>
#include <stdio.h>
#include <string.h>

static void decode_part(GMimeObject *parent, GMimeObject *object, gpointer attachment) {
  (void)parent;
  if (!GMIME_IS_PART(object) || !g_mime_part_is_attachment(GMIME_PART(object))) return;
  g_mime_data_wrapper_write_to_stream(g_mime_part_get_content(GMIME_PART(object)), GMIME_STREAM(attachment));
}

static GMimeStream *parse(GByteArray *input) {
  GMimeStream *source = g_mime_stream_mem_new_with_byte_array(input);
  g_mime_stream_mem_set_owner(GMIME_STREAM_MEM(source), FALSE);
  GMimeParser *parser = g_mime_parser_new_with_stream(source);
  GMimeMessage *message = g_mime_parser_construct_message(parser, NULL);
  GMimeStream *attachment = g_mime_stream_mem_new();
  g_mime_message_foreach(message, decode_part, attachment);
  g_object_unref(message);
  g_object_unref(parser);
  g_object_unref(source);
  return attachment;
}

static GMimeStream *compose(GByteArray *content, GMimeStream *target) {
  GMimeMessage *message = g_mime_message_new(TRUE);
  g_mime_message_add_mailbox(message, GMIME_ADDRESS_TYPE_FROM, "Karin Lindholm", "karin.lindholm@example.com");
  g_mime_message_add_mailbox(message, GMIME_ADDRESS_TYPE_TO, "Erik Berg", "erik.berg@example.org");
  g_mime_message_set_subject(message, "Drawings for the tender", "utf-8");
  GMimeTextPart *text = g_mime_text_part_new();
  g_mime_text_part_set_text(text, "Hello Erik,\n\nhere are the drawings we talked about.\n\nRegards\nKarin\n");
  GMimeStream *source = g_mime_stream_mem_new_with_byte_array(content);
  g_mime_stream_mem_set_owner(GMIME_STREAM_MEM(source), FALSE);
  GMimeDataWrapper *wrapper = g_mime_data_wrapper_new_with_stream(source, GMIME_CONTENT_ENCODING_BINARY);
  GMimePart *file = g_mime_part_new_with_type("application", "pdf");
  g_mime_part_set_content(file, wrapper);
  g_mime_part_set_content_encoding(file, GMIME_CONTENT_ENCODING_BASE64);
  g_mime_part_set_filename(file, "drawing-1.pdf");
  GMimeMultipart *mixed = g_mime_multipart_new_with_subtype("mixed");
  g_mime_multipart_add(mixed, GMIME_OBJECT(text));
  g_mime_multipart_add(mixed, GMIME_OBJECT(file));
  g_mime_message_set_mime_part(message, GMIME_OBJECT(mixed));
  g_mime_object_write_to_stream(GMIME_OBJECT(message), NULL, target);
  g_object_unref(mixed);
  g_object_unref(file);
  g_object_unref(wrapper);
  g_object_unref(source);
  g_object_unref(text);
  g_object_unref(message);
  return target;
}

int main(int count, char **arguments) {
  gchar *octets;
  gsize length;
  char line[4096];
  if (count != 3 || !g_file_get_contents(arguments[2], &octets, &length, NULL)) return 2;
  g_mime_init();
  GByteArray *input = g_byte_array_new_take((guint8 *)octets, length);
  while (fgets(line, sizeof line, stdin) != NULL) {
    line[strcspn(line, "\n")] = '\0';
    GMimeStream *result;
    if (strcmp(arguments[1], "parse") == 0) result = parse(input);
    else if (strcmp(arguments[1], "compose") == 0) result = compose(input, g_mime_stream_mem_new());
    else result = compose(input, g_mime_stream_null_new());
    printf("%lld\n", (long long)g_mime_stream_length(result));
    fflush(stdout);
    if (line[0] != '\0' && GMIME_IS_STREAM_MEM(result)) {
      GByteArray *array = g_mime_stream_mem_get_byte_array(GMIME_STREAM_MEM(result));
      g_file_set_contents(line, (const gchar *)array->data, array->len, NULL);
      printf("written\n");
      fflush(stdout);
    }
    g_object_unref(result);
  }
  return 0;
}
